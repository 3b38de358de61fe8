import type { Probe } from '../../../diagnosis/probe.ts';
import { isInfraError } from '../../../errors.ts';
import { maybe } from '../../evidence/shape.ts';

/** Which login reached the cluster; `failed`: none did. */
export type AccessEvidence = {
  readonly context?: string;
  readonly server?: string;
  /** Where the login comes from: a kubeconfig, or the pod that this runs in. */
  readonly source?: string;
  readonly insteadOf?: { readonly context?: string; readonly because: string };
  readonly failed?: string;
};

export const ACCESS_ID = 'authentik.context.access';

/** How this machine got into the cluster. */
export const access: Probe<AccessEvidence> = {
  id: ACCESS_ID,
  title: 'login to the cluster',
  layer: 'context',
  kind: 'passive',
  cost: '1 request for the version of the API',
  question: 'Does the kubeconfig’s own login work?',
  why: 'It may log in with the Authentik that is broken. Then its failure is a finding, and a second context, set as kubernetes.breakGlass, answers the other questions.',
  byHand: (site) => `kubectl --context ${site.kubernetes.context.value ?? '<context>'} version`,
  healthy: 'The usual login works.',
  failures: [
    { code: 'context.login-failed', meaning: 'The usual login to the cluster fails: it may depend on what is broken.' },
  ],

  async collect({ client }) {
    const kubernetes = await client('kubernetes');
    try {
      await kubernetes.version();
    } catch (error) {
      if (!isInfraError(error, 'kubernetes.plugin', 'kubernetes.unauthorized')) throw error;
      return { failed: error.message };
    }
    const { context, insteadOf, server, source } = await kubernetes.target();
    const instead =
      insteadOf === undefined ? undefined : { because: insteadOf.because, ...maybe('context', insteadOf.context) };
    return { server, source, ...maybe('context', context), ...maybe('insteadOf', instead) };
  },

  judge({ context, server, insteadOf, failed }) {
    const observations = [{ code: 'context.login-failed' }];
    if (failed !== undefined) {
      const detail = `${failed} Nothing in the cluster can be asked; set kubernetes.breakGlass to a context that logs in without Authentik`;
      return { verdict: 'WARN', detail, observations };
    }
    if (insteadOf === undefined) return { verdict: 'PASS', detail: `context ${context ?? 'none'} at ${server}` };
    const detail = `context ${insteadOf.context ?? 'none'}: ${insteadOf.because} Asked by kubernetes.breakGlass, ${context ?? 'none'}`;
    return { verdict: 'WARN', detail, observations };
  },
};
