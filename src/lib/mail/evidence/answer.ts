import type { Kubernetes } from '../../clients/kubernetes/client.ts';
import { reasonOf } from '../../diagnosis/no-answer.ts';
import type { EvidenceState } from '../../diagnosis/probe.ts';
import { isInfraError } from '../../errors.ts';

/** The cluster, as far as a guest needs it. */
export type ClusterReads = { readonly kubernetes: Pick<Kubernetes, 'get' | 'list' | 'exec'> };

/** An answer, or why there is none. What is no InfraError, or says that this is a rehearsal, goes on up. */
export async function answerOf<T>(ask: () => Promise<T>): Promise<EvidenceState<T>> {
  try {
    return { state: 'answered', value: await ask() };
  } catch (error) {
    if (!isInfraError(error) || error.code === 'network.not-loopback') throw error;
    return { state: 'no-answer', reason: reasonOf(error), message: error.message };
  }
}
