import type { AccessQuestion, Kind } from '../../../clients/kubernetes/client.ts';

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

/** The right to run a program in a pod. The WebSocket upgrade is a GET since Kubernetes 1.30, and `create` guards it too. */
export function mayExec(namespace: string): AccessQuestion {
  return { verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace };
}
