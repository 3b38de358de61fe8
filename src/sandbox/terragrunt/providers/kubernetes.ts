import type { Reply, Send } from '../../http/exchange.ts';
import type { Driver } from '../drivers.ts';
import { Diagnosed } from '../failure.ts';
import type { Attributes } from '../resource.ts';

type Json = Readonly<Record<string, unknown>>;

type Kind = {
  readonly base: string;
  readonly plural: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly toFields: (values: Attributes) => Json;
  readonly fromFields: (object: Json) => Attributes;
  readonly immutable: readonly string[];
};

const RBAC = { base: '/apis/rbac.authorization.k8s.io/v1', apiVersion: 'rbac.authorization.k8s.io/v1' };
const CORE = { base: '/api/v1', apiVersion: 'v1' };

/** Resource types of the Kubernetes provider: its nested blocks on one side, API objects on the other. */
export const KUBERNETES_DRIVERS: Readonly<Record<string, Driver>> = Object.fromEntries(
  Object.entries({
    kubernetes_namespace: kind(CORE, 'namespaces', 'Namespace'),
    kubernetes_service_account: kind(CORE, 'serviceaccounts', 'ServiceAccount'),
    kubernetes_config_map: kind(
      CORE,
      'configmaps',
      'ConfigMap',
      (values) => ({ data: values.data }),
      (object) => ({ data: object.data ?? {} }),
    ),
    kubernetes_secret: kind(CORE, 'secrets', 'Secret', secretFields, secretAttributes, ['type']),
    kubernetes_resource_quota: kind(
      CORE,
      'resourcequotas',
      'ResourceQuota',
      (values) => ({ spec: first(values.spec) }),
      (object) => ({ spec: [object.spec] }),
    ),
    kubernetes_role: kind(RBAC, 'roles', 'Role', ruleFields, ruleAttributes),
    kubernetes_cluster_role: kind(RBAC, 'clusterroles', 'ClusterRole', ruleFields, ruleAttributes),
    kubernetes_role_binding: kind(RBAC, 'rolebindings', 'RoleBinding', bindingFields, bindingAttributes, ['role_ref']),
    kubernetes_cluster_role_binding: kind(
      RBAC,
      'clusterrolebindings',
      'ClusterRoleBinding',
      bindingFields,
      bindingAttributes,
      ['role_ref'],
    ),
    kubernetes_annotations: kind(
      { base: '/apis/apps/v1', apiVersion: 'apps/v1' },
      'deployments',
      'Deployment',
      (values) => ({ spec: { template: { metadata: { annotations: values.template_annotations } } } }),
      (object) => ({
        template_annotations: ((((object.spec as Json).template as Json).metadata as Json).annotations ?? {}) as Json,
      }),
    ),
  }).map(([type, each]) => [type, type === 'kubernetes_annotations' ? patchDriver(each) : driver(each)]),
);

/** Sends one request; 404 gives undefined, other errors are the API's message. Errors: Diagnosed. */
export async function kubernetesRequest(
  send: Send,
  verb: string,
  path: string,
  body?: Json,
  type = 'application/json',
): Promise<Json | undefined> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const reply: Reply = await send(verb, path, text, { 'content-type': type }).catch((error: unknown) => {
    throw new Diagnosed(`${verb} "${path}": ${error instanceof Error ? error.message : String(error)}`);
  });
  if (reply.status === 404 && verb !== 'POST') return undefined;
  const parsed = JSON.parse(reply.body === '' ? '{}' : reply.body) as Json;
  if (reply.status >= 400) throw new Diagnosed(typeof parsed.message === 'string' ? parsed.message : reply.body);
  return parsed;
}

function kind(
  group: { readonly base: string; readonly apiVersion: string },
  plural: string,
  name: string,
  toFields: Kind['toFields'] = () => ({}),
  fromFields: Kind['fromFields'] = () => ({}),
  immutable: readonly string[] = [],
): Kind {
  return { ...group, plural, kind: name, toFields, fromFields, immutable: [...immutable] };
}

function driver(each: Kind): Driver {
  const read: Driver['read'] = async (attributes, { kubernetes }) => {
    const object = await kubernetesRequest(kubernetes, 'GET', pathOf(each, attributes, true));
    return object === undefined ? undefined : toAttributes(each, object, attributes);
  };
  return {
    read,
    create: async (values, outside) => {
      const object = {
        apiVersion: each.apiVersion,
        kind: each.kind,
        metadata: first(values.metadata),
        ...each.toFields(values),
      };
      await kubernetesRequest(outside.kubernetes, 'POST', pathOf(each, values, false), object);
      return (await read(values, outside)) ?? values;
    },
    update: async (values, prior, outside) => {
      const known = await kubernetesRequest(outside.kubernetes, 'GET', pathOf(each, prior, true));
      const metadata = { ...(known?.metadata as Json), ...first(values.metadata) };
      await kubernetesRequest(outside.kubernetes, 'PUT', pathOf(each, prior, true), {
        ...known,
        metadata,
        ...each.toFields(values),
      });
      return (await read(values, outside)) ?? values;
    },
    remove: async (attributes, { kubernetes }) => {
      await kubernetesRequest(kubernetes, 'DELETE', pathOf(each, attributes, true));
    },
    immutable: each.immutable,
  };
}

/** A resource that only lays annotations on an object of somebody else's. */
function patchDriver(each: Kind): Driver {
  const whole = driver(each);
  const write: Driver['create'] = async (values, outside) => {
    await kubernetesRequest(
      outside.kubernetes,
      'PATCH',
      pathOf(each, values, true),
      each.toFields(values),
      'application/merge-patch+json',
    );
    return (await whole.read(values, outside)) ?? values;
  };
  return {
    ...whole,
    create: write,
    update: (values, _prior, outside) => write(values, outside),
    remove: async () => undefined,
  };
}

function toAttributes(each: Kind, object: Json, attributes: Attributes): Attributes {
  const found = object.metadata as Json;
  const wanted = first(attributes.metadata);
  const metadata = Object.fromEntries(Object.keys(wanted).map((key) => [key, shared(found[key], wanted[key])]));
  const namespace = found.namespace === undefined ? '' : `${found.namespace}/`;
  return { id: `${namespace}${found.name}`, metadata: [metadata], ...each.fromFields(object) };
}

/** Of labels and annotations only the managed keys count; the API server adds its own. */
function shared(found: unknown, wanted: unknown): unknown {
  if (typeof wanted !== 'object' || wanted === null) return found ?? null;
  const all = (found ?? {}) as Json;
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, all[key] ?? null]));
}

function pathOf(each: Kind, attributes: Attributes, named: boolean): string {
  const { name, namespace } = first(attributes.metadata);
  const home = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${each.base}${home}/${each.plural}${named ? `/${name}` : ''}`;
}

function secretFields(values: Attributes): Json {
  const data = values.data as Readonly<Record<string, string>> | undefined;
  if (data === undefined) return { type: values.type };
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { type: values.type, data: Object.fromEntries(encoded) };
}

function secretAttributes(object: Json): Attributes {
  const data = Object.entries((object.data ?? {}) as Readonly<Record<string, string>>);
  return {
    type: object.type,
    data: Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])),
  };
}

function ruleFields(values: Attributes): Json {
  const rules = values.rule as readonly Json[];
  return { rules: rules.map((rule) => ({ apiGroups: rule.api_groups, resources: rule.resources, verbs: rule.verbs })) };
}

function ruleAttributes(object: Json): Attributes {
  const rules = (object.rules ?? []) as readonly Json[];
  return { rule: rules.map((rule) => ({ api_groups: rule.apiGroups, resources: rule.resources, verbs: rule.verbs })) };
}

function bindingFields(values: Attributes): Json {
  const role = first(values.role_ref);
  const subjects = (values.subject as readonly Json[]).map(({ api_group, ...subject }) =>
    api_group === undefined ? subject : { ...subject, apiGroup: api_group },
  );
  return { roleRef: { apiGroup: role.api_group, kind: role.kind, name: role.name }, subjects };
}

function bindingAttributes(object: Json): Attributes {
  const role = object.roleRef as Json;
  const subjects = ((object.subjects ?? []) as readonly Json[]).map(({ apiGroup, ...subject }) =>
    apiGroup === undefined ? subject : { ...subject, api_group: apiGroup },
  );
  return { role_ref: [{ api_group: role.apiGroup, kind: role.kind, name: role.name }], subject: subjects };
}

function first(block: unknown): Json {
  return (Array.isArray(block) ? block[0] : block) as Json;
}
