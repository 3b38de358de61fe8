/** A real control plane: etcd, kube-apiserver and kube-controller-manager; no scheduler, so no pod ever runs. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, startDaemon, startElsewhere } from './daemon.ts';
import { startEtcd } from './etcd.ts';
import { type Answer, ask } from './http.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { makePki, type Pki } from './pki.ts';
import { freePorts } from './ports.ts';
import { realTool } from './tools.ts';
import { until } from './until.ts';
import { makeWorkspace } from './workspace.ts';

interface TokenUser {
  name: string;
  token: string;
  groups?: string[];
}

export interface Kubernetes {
  server: string;
  /** PEM of the CA that signed the server. */
  ca: string;
  /** Bearer token of the user `admin`, group system:masters. */
  token: string;
  pki: Pki;
  /** Kubeconfig of an administrator with a client certificate. */
  kubeconfig: string;
  /** Writes a kubeconfig with a bearer token. */
  kubeconfigFor(file: string, user: TokenUser): Promise<string>;
  /** Any status is an answer. `headers` may name another identity: `authorization`, `impersonate-user`. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Like `request`, but a status of 400 or more is an error. Answers the body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into foreign documents
  must(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<any>;
  stop(): Promise<void>;
}

export interface KubernetesOptions {
  /** Users with a static bearer token, besides `admin`. */
  users?: TokenUser[];
  /** Default true. Without controllers nothing is made but what a test makes, and built-in roles are empty. */
  controllers?: boolean;
}

const admin: TokenUser = { name: 'admin', token: 'admin-token', groups: ['system:masters'] };

export async function startKubernetes(options: KubernetesOptions = {}): Promise<Kubernetes> {
  const workspace = await makeWorkspace('kubernetes');
  const { dir, home } = workspace;
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    await workspace.remove();
  };
  try {
    const [pki, etcd] = await Promise.all([makePki(dir), startEtcd(dir, home)]);
    daemons.push(etcd.daemon);
    const tokens = join(dir, 'tokens.csv');
    await writeFile(tokens, [admin, ...(options.users ?? [])].map(tokenLine).join(''), { mode: 0o600 });
    const apiserver = await startElsewhere(() => startApiserver(dir, home, pki, etcd.url, tokens));
    daemons.push(apiserver.daemon);
    const { server } = apiserver;
    const kubeconfig = await writeKubeconfig(join(dir, 'admin.kubeconfig'), server, pki.ca.cert, 'admin', pki.admin);
    const cluster = client(server, pki, kubeconfig, stop);
    if (options.controllers === false) return cluster;
    const kcmConfig = join(dir, 'kcm.kubeconfig');
    await writeKubeconfig(kcmConfig, server, pki.ca.cert, 'kcm', pki.controllerManager);
    daemons.push(await startElsewhere(() => startControllerManager(dir, home, pki, kcmConfig)));
    await controllersAtWork(cluster);
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

function client(server: string, pki: Pki, kubeconfig: string, stop: () => Promise<void>): Kubernetes {
  const request: Kubernetes['request'] = (method, path, body, headers = {}) => {
    const type = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
    const authorization = `Bearer ${admin.token}`;
    return ask(`${server}${path}`, { method, body, ca: pki.ca.cert, headers: { authorization, ...type, ...headers } });
  };
  return {
    server,
    ca: pki.ca.cert,
    token: admin.token,
    pki,
    kubeconfig,
    kubeconfigFor: (file, user) => writeKubeconfig(file, server, pki.ca.cert, user.name, { token: user.token }),
    request,
    must: async (method, path, body, headers) => {
      const answer = await request(method, path, body, headers);
      if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    stop,
  };
}

function tokenLine(user: TokenUser): string {
  return `${user.token},${user.name},${user.name},"${(user.groups ?? []).join(',')}"\n`;
}

async function startApiserver(dir: string, home: string, pki: Pki, etcd: string, tokens: string) {
  const [port] = await freePorts(1);
  const server = `https://127.0.0.1:${port}`;
  const flags = {
    'etcd-servers': etcd,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': port,
    'tls-cert-file': pki.apiserver.certFile,
    'tls-private-key-file': pki.apiserver.keyFile,
    'client-ca-file': pki.ca.certFile,
    'service-account-key-file': pki.serviceAccountPublicKey,
    'service-account-signing-key-file': pki.serviceAccountKey,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'authorization-mode': 'Node,RBAC',
    'token-auth-file': tokens,
    'service-cluster-ip-range': '10.96.0.0/16',
    'endpoint-reconciler-type': 'none',
    'allow-privileged': true,
    'cert-dir': join(dir, 'apiserver-certs'),
    'kubelet-certificate-authority': pki.ca.certFile,
    'kubelet-client-certificate': pki.kubeletClient.certFile,
    'kubelet-client-key': pki.kubeletClient.keyFile,
    'kubelet-preferred-address-types': 'InternalIP',
    'disable-admission-plugins': 'ServiceAccount,TaintNodesByCondition',
    'shutdown-delay-duration': '0s',
  };
  const daemon = await startDaemon({
    name: 'kube-apiserver',
    program: realTool('apiserver'),
    args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    env: { HOME: home, PATH: '/usr/bin:/bin' },
    log: join(dir, 'kube-apiserver.log'),
    ready: async () => (await ask(`${server}/readyz`, { ca: pki.ca.cert, ...pair(pki) })).status === 200,
    signal: 'SIGKILL', // its graceful end waits for open watches
  });
  return { server, daemon };
}

async function startControllerManager(dir: string, home: string, pki: Pki, kubeconfig: string): Promise<Daemon> {
  const [port] = await freePorts(1);
  const flags = {
    kubeconfig,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'leader-elect': false,
    'service-account-private-key-file': pki.serviceAccountKey,
    'root-ca-file': pki.ca.certFile,
    'use-service-account-credentials': true,
    controllers: '*,-node-lifecycle-controller',
    'cert-dir': join(dir, 'kcm-certs'),
    'tls-cert-file': pki.apiserver.certFile,
    'tls-private-key-file': pki.apiserver.keyFile,
  };
  return startDaemon({
    name: 'kube-controller-manager',
    program: realTool('controllerManager'),
    args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    env: { HOME: home, PATH: '/usr/bin:/bin' },
    log: join(dir, 'kube-controller-manager.log'),
    ready: async () => (await ask(`https://127.0.0.1:${port}/healthz`, { ca: pki.ca.cert })).status === 200,
    signal: 'SIGKILL',
  });
}

/** Healthy is not yet at work: the aggregated roles are empty and namespaces have no ServiceAccount for some seconds. */
async function controllersAtWork(cluster: Kubernetes): Promise<void> {
  await until('the controllers to be at work', async () => {
    const account = await cluster.request('GET', '/api/v1/namespaces/default/serviceaccounts/default');
    const role = await cluster.request('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/admin');
    return account.status === 200 && (role.body?.rules ?? []).length > 0 ? true : undefined;
  });
}

function pair(pki: Pki): { cert: string; key: string } {
  return { cert: pki.admin.cert, key: pki.admin.key };
}
