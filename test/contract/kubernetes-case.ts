import { expect } from 'vitest';
import type { Kind, Kubernetes, KubernetesObject } from '../../src/lib/clients/kubernetes/client.ts';
import type { KubernetesOptions } from '../../src/lib/clients/kubernetes/live.ts';
import type { InfraError } from '../../src/lib/errors.ts';

/** An answer as it came; the body parsed where it is JSON. */
export type RawAnswer = { readonly status: number; readonly body: unknown };

/** What a pod of a case does: its log, and what it answers to commands. */
export type PodScript = {
  readonly log?: readonly string[];
  readonly previous?: readonly string[];
  readonly exec?: readonly {
    readonly command: readonly string[];
    readonly stdout?: string;
    readonly stderr?: string;
    readonly exitCode?: number;
    readonly echo?: boolean;
  }[];
  /** Ports that are open inside it, and those of this machine that stand for them. */
  readonly listening?: readonly { readonly port: number; readonly to: number }[];
};

/**
 * What a case gets. The server knows the users `alice@example.com` and `bob@example.com`, without any right of their
 * own, and serves RBAC with the built-in roles.
 */
export type KubernetesCaseEnv = {
  readonly server: string;
  /** A cluster administrator. */
  readonly kubernetes: Kubernetes;
  /** A client of a user entry of a kubeconfig: `alice`, `bob`, or an entry as it stands there. */
  readonly makeClient: (user: 'alice' | 'bob' | object, more?: Partial<KubernetesOptions>) => Promise<Kubernetes>;
  readonly adminToken: string;
  /** A request of the administrator without the client. */
  readonly raw: (method: string, path: string, body?: unknown) => Promise<RawAnswer>;
  /** A name that no other case uses. */
  readonly unique: string;
  /** The node of pods that play a script. */
  readonly node: string | undefined;
  /** Gives a pod a script; only where `canLogs`, `canExec` and `canForward` cases run. */
  readonly script: (namespace: string, pod: string, script: PodScript) => Promise<void>;
};

/** One case; `needs` says what only some servers can do: play the log of a pod, run its commands, open its ports. */
export type KubernetesCase = {
  readonly name: string;
  readonly needs?: 'canLogs' | 'canExec' | 'canForward';
  run(env: KubernetesCaseEnv): Promise<void>;
};

export const NAMESPACES: Kind = { group: '', version: 'v1', plural: 'namespaces' };
export const CONFIG_MAPS: Kind = { group: '', version: 'v1', plural: 'configmaps' };
export const SECRETS: Kind = { group: '', version: 'v1', plural: 'secrets' };
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** Asserts that a promise fails with a code of InfraError, and gives the error. */
export async function failsWith(work: Promise<unknown>, code: string): Promise<InfraError> {
  const outcome = await work.then(
    (value) => new Error(`answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(outcome).toMatchObject({ code });
  return outcome as InfraError;
}

/** A raw request that has to succeed; gives the body. */
export async function must(
  env: KubernetesCaseEnv,
  method: string,
  path: string,
  body?: unknown,
): Promise<KubernetesObject> {
  const answer = await env.raw(method, path, body);
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as KubernetesObject;
}

/** A new namespace, named like the case unless told otherwise. */
export async function namespace(env: KubernetesCaseEnv, name = env.unique): Promise<string> {
  await must(env, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return name;
}

/** A ConfigMap with labels and data. */
export async function configMap(
  env: KubernetesCaseEnv,
  ns: string,
  name: string,
  more: { labels?: object; annotations?: object; data?: object } = {},
): Promise<KubernetesObject> {
  const { data, ...metadata } = more;
  return must(env, 'POST', `/api/v1/namespaces/${ns}/configmaps`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...metadata },
    data,
  });
}

/** A pod that nobody schedules: it is on the server's node for pods that play a script, if there is one. */
export async function pod(env: KubernetesCaseEnv, ns: string, name: string): Promise<void> {
  const containers = [{ name: 'app', image: 'registry.test/app:1' }];
  await must(env, 'POST', `/api/v1/namespaces/${ns}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers, ...(env.node === undefined ? {} : { nodeName: env.node }) },
  });
}

export type Rule = {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
};
export type Subject = { readonly kind: 'User' | 'Group'; readonly name: string };

const API = 'rbac.authorization.k8s.io';

/** A role in a namespace and its binding. */
export async function grant(
  env: KubernetesCaseEnv,
  ns: string,
  rules: readonly Rule[],
  subject: Subject,
): Promise<void> {
  const metadata = { name: env.unique, namespace: ns };
  await must(env, 'POST', `${RBAC}/namespaces/${ns}/roles`, { apiVersion: `${API}/v1`, kind: 'Role', metadata, rules });
  await bind(env, ns, { kind: 'Role', name: env.unique }, subject, rules[0]);
}

/** A binding of a role that exists, in a namespace; `rule` is one that the role has. */
export async function bind(
  env: KubernetesCaseEnv,
  ns: string,
  role: { readonly kind: 'Role' | 'ClusterRole'; readonly name: string },
  subject: Subject,
  rule: Rule | undefined,
): Promise<void> {
  const metadata = { name: `${env.unique}-${role.kind.toLowerCase()}` };
  const body = {
    apiVersion: `${API}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: API, ...role },
    subjects: [{ apiGroup: API, ...subject }],
  };
  await must(env, 'POST', `${RBAC}/namespaces/${ns}/rolebindings`, body);
  await inEffect(env, subject, rule, ns);
}

/** A role over the whole cluster and its binding. */
export async function grantEverywhere(env: KubernetesCaseEnv, rules: readonly Rule[], subject: Subject): Promise<void> {
  const metadata = { name: env.unique };
  await must(env, 'POST', `${RBAC}/clusterroles`, { apiVersion: `${API}/v1`, kind: 'ClusterRole', metadata, rules });
  const roleRef = { apiGroup: API, kind: 'ClusterRole', name: env.unique };
  await must(env, 'POST', `${RBAC}/clusterrolebindings`, {
    apiVersion: `${API}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef,
    subjects: [{ apiGroup: API, ...subject }],
  });
  await inEffect(env, subject, rules[0], undefined);
}

/** A real authoriser learns of roles and bindings a moment after they are stored. */
async function inEffect(
  env: KubernetesCaseEnv,
  subject: Subject,
  rule: Rule | undefined,
  namespace: string | undefined,
): Promise<void> {
  if (rule === undefined) return;
  const [resource, subresource] = (rule.resources[0] ?? '').split('/');
  const resourceAttributes = {
    verb: rule.verbs[0],
    group: rule.apiGroups[0],
    resource,
    subresource,
    namespace,
    name: rule.resourceNames?.[0],
  };
  const who = subject.kind === 'User' ? { user: subject.name } : { user: 'somebody', groups: [subject.name] };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { resourceAttributes, ...who },
  };
  const end = performance.now() + 10_000;
  for (;;) {
    const { status } = await must(env, 'POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review);
    if ((status as { allowed?: boolean }).allowed === true) return;
    if (performance.now() > end) throw new Error(`the right never came into effect: ${JSON.stringify(review)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const ALICE: Subject = { kind: 'User', name: 'alice@example.com' };
