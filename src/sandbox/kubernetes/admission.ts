import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../http/exchange.ts';
import { at, type KubeObject, type ResourceType, textAt } from './object.ts';
import { type ClusterState, find, objectsOf, remove, store, timestamp } from './state.ts';
import { invalid, notFound, qualified, statusAnswer } from './status.ts';
import { typeOf } from './types.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** Why an object may not be created here, or undefined. */
export function refuseCreate(state: ClusterState, type: ResourceType, object: KubeObject): Answer | undefined {
  const { name, namespace } = object.metadata;
  const label = type.kind === 'Namespace';
  const rule = label ? LABEL : SUBDOMAIN;
  const bad = !rule.test(name) || name.length > (label ? 63 : 253);
  if (bad && !type.group.startsWith('rbac.')) {
    return invalid(
      type,
      name,
      'metadata.name',
      `Invalid value: ${JSON.stringify(name)}: ${label ? LABEL_RULE : SUBDOMAIN_RULE}`,
    );
  }
  if (!type.namespaced) return undefined;
  const home = find(state, '', 'namespaces', undefined, namespace ?? '');
  if (home === undefined)
    return notFound(
      { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false },
      namespace ?? '',
    );
  if (home.metadata.deletionTimestamp === undefined) return undefined;
  return statusAnswer(
    403,
    'Forbidden',
    `${qualified(type)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      name,
      kind: type.plural,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  );
}

/** Fills in what the server fills in: phase, finalizer, encoded Secret data, generation. */
export function withDefaults(type: ResourceType, object: KubeObject): KubeObject {
  switch (type.kind) {
    case 'Namespace':
      return {
        ...object,
        metadata: {
          ...object.metadata,
          labels: { 'kubernetes.io/metadata.name': object.metadata.name, ...object.metadata.labels },
        },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      };
    case 'Secret':
      return withEncodedData(object);
    case 'ResourceQuota':
      return {
        ...object,
        status: { hard: at(object, 'spec', 'hard') ?? {}, used: zeroes(at(object, 'spec', 'hard')) },
      };
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Ingress':
      return { ...object, metadata: { generation: 1, ...object.metadata } };
    default:
      return object;
  }
}

/** What controllers do after a create: the namespace's own account, the token of a ServiceAccount Secret. */
export function afterCreate(state: ClusterState, object: KubeObject): void {
  if (object.kind === 'Namespace') {
    const namespace = object.metadata.name;
    create(state, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
    create(state, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt', namespace },
      data: { 'ca.crt': ROOT_CA },
    });
  }
  if (object.kind === 'Secret' && textAt(object, 'type') === 'kubernetes.io/service-account-token')
    fillToken(state, object);
}

/** Deletes an object and what hangs on it; a namespace stays Terminating for a moment, then goes with its content. */
export function deleteObject(state: ClusterState, type: ResourceType, object: KubeObject): KubeObject {
  const { name, namespace } = object.metadata;
  if (type.kind !== 'Namespace') {
    if (type.kind === 'Secret') revoke(state, object);
    remove(state, type, namespace, name);
    return object;
  }
  if (object.metadata.deletionTimestamp !== undefined) return object;
  const terminating = store(state, type, {
    ...object,
    metadata: { ...object.metadata, deletionTimestamp: timestamp() },
    status: { phase: 'Terminating' },
  });
  sleep(state.namespaceDeletionMs, undefined, { ref: false }).then(() => {
    for (const [key, objects] of state.objects) {
      const content = [...objects.values()].filter((each) => each.metadata.namespace === name);
      const contentType = state.types.get(key);
      if (contentType !== undefined) for (const each of content) deleteObject(state, contentType, each);
    }
    remove(state, type, undefined, name);
  });
  return terminating;
}

const ROOT_CA = '-----BEGIN CERTIFICATE-----\nc2FuZGJveA==\n-----END CERTIFICATE-----\n';

function create(state: ClusterState, object: KubeObject): void {
  const type = typeOf(state.types, object);
  if (!objectsOf(state, type).has(`${object.metadata.namespace}/${object.metadata.name}`)) store(state, type, object);
}

function fillToken(state: ClusterState, secret: KubeObject): void {
  const namespace = secret.metadata.namespace ?? '';
  const account = secret.metadata.annotations?.['kubernetes.io/service-account.name'] ?? '';
  const owner = find(state, '', 'serviceaccounts', namespace, account);
  if (owner === undefined) return;
  const token = serviceAccountToken(namespace, account, secret.metadata.name);
  state.tokens.set(token, serviceAccountUser(namespace, account));
  const encode = (text: string) => Buffer.from(text).toString('base64');
  store(state, typeOf(state.types, secret), {
    ...secret,
    metadata: {
      ...secret.metadata,
      annotations: { ...secret.metadata.annotations, 'kubernetes.io/service-account.uid': owner.metadata.uid ?? '' },
    },
    data: {
      ...(at(secret, 'data') as object | undefined),
      token: encode(token),
      'ca.crt': encode(ROOT_CA),
      namespace: encode(namespace),
    },
  });
}

function revoke(state: ClusterState, secret: KubeObject): void {
  const token = textAt(secret, 'data', 'token');
  if (token !== '') state.tokens.delete(Buffer.from(token, 'base64').toString());
}

/** A bearer token of the shape of a JWT, always the same for the same Secret: worlds are reproducible. */
export function serviceAccountToken(namespace: string, account: string, secret: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': secret,
    sub: `system:serviceaccount:${namespace}:${account}`,
  };
  const head = `${part({ alg: 'RS256', kid: 'sandbox' })}.${part(claims)}`;
  return `${head}.${createHash('sha512').update(head).digest('base64url')}`;
}

/** The user that a ServiceAccount's token stands for. */
export function serviceAccountUser(
  namespace: string,
  account: string,
): { readonly name: string; readonly groups: readonly string[] } {
  return {
    name: `system:serviceaccount:${namespace}:${account}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

function withEncodedData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  if (typeof stringData !== 'object' || stringData === null) return { type: 'Opaque', ...rest };
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return {
    type: 'Opaque',
    ...rest,
    data: { ...(at(rest, 'data') as object | undefined), ...Object.fromEntries(encoded) },
  };
}

function zeroes(hard: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.keys(typeof hard === 'object' && hard !== null ? hard : {}).map((key) => [key, '0']),
  );
}
