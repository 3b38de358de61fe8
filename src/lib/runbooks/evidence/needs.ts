import type { AccessQuestion, Kind } from '../../clients/kubernetes/client.ts';

/** The right to list a kind, in a namespace or everywhere. */
export function mayList({ group, plural }: Kind, namespace?: string): AccessQuestion {
  return { verb: 'list', group, resource: plural, ...(namespace === undefined ? {} : { namespace }) };
}

/** The right to read one object. */
export function mayGet({ group, plural }: Kind, namespace: string): AccessQuestion {
  return { verb: 'get', group, resource: plural, namespace };
}

/** The right to read logs of pods. */
export function mayReadLogs(namespace: string): AccessQuestion {
  return { verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace };
}

/** The rights to connect to a port of a pod; as with exec, newer API servers ask for `create` too. */
export function mayForward(namespace: string): readonly AccessQuestion[] {
  return ['get', 'create'].map((verb) => ({
    verb,
    group: '',
    resource: 'pods',
    subresource: 'portforward',
    namespace,
  }));
}

/**
 * The rights to run a program in a pod. The WebSocket upgrade is a GET, which the API server authorises as `get`; newer
 * ones ask for `create` too.
 */
export function mayExec(namespace: string): readonly AccessQuestion[] {
  return ['get', 'create'].map((verb) => ({ verb, group: '', resource: 'pods', subresource: 'exec', namespace }));
}
