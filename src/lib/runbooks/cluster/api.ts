import type { Probe } from '../../diagnosis/probe.ts';

/** The API server's own version, and which one was asked. */
export type ApiEvidence = { readonly version: string; readonly server: string; readonly insteadOf: string | null };

/** Does the API server answer at all? Needs no right. */
export const api: Probe<ApiEvidence> = {
  id: 'cluster.api.answers',
  title: 'API server',
  layer: 'api',
  kind: 'passive',
  cost: '1 request',
  timeoutMs: 2500,
  question: 'Does the Kubernetes API answer?',
  why: 'Everything that is asked of the cluster goes through it; what could not be asked is unknown, not healthy.',
  byHand: () => 'kubectl version',
  healthy: 'A version of the server.',
  failures: [],
  async collect({ client }) {
    const kubernetes = await client('kubernetes');
    const version = await kubernetes.version();
    const { server, insteadOf } = await kubernetes.target();
    return { version, server, insteadOf: insteadOf === undefined ? null : insteadOf.because };
  },
  judge: ({ version, server, insteadOf }) =>
    insteadOf === null
      ? { verdict: 'PASS', detail: `${version} at ${server}` }
      : { verdict: 'WARN', detail: `${version} at ${server}, reached by the break-glass context only: ${insteadOf}` },
};
