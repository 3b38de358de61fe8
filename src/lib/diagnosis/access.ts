import type { Clock } from '../clients/clock/client.ts';
import type { AccessQuestion } from '../clients/kubernetes/client.ts';
import { isInfraError } from '../errors.ts';
import type { DiagnosisClients } from './probe.ts';

/** After this the probe is asked without having asked for leave: its own answer says what is wrong. */
const PATIENCE_MS = 3000;

/** Asks what the cluster allows, each distinct question once. */
export type Access = {
  /** How many questions have been asked. */
  readonly asked: number;
  /** The first thing that is not allowed, in words, or undefined. A question without an answer refuses nothing. */
  refused(questions: readonly AccessQuestion[]): Promise<string | undefined>;
};

/** `create pods/exec in dbaas`. */
export function accessWords({ verb, group, resource, subresource, namespace }: AccessQuestion): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${what}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

/** Makes the asker. `kubernetes` is called only when a probe needs something. */
export function makeAccess(
  kubernetes: () => Promise<Pick<DiagnosisClients['kubernetes'], 'allowed'>>,
  clock: Clock,
): Access {
  const answers = new Map<string, Promise<boolean>>();
  const ask = async (question: AccessQuestion): Promise<boolean> => {
    const over = new AbortController();
    const late = clock.sleep(PATIENCE_MS, over.signal).then(
      () => true,
      () => true,
    );
    try {
      return await Promise.race([(await kubernetes()).allowed(question), late]);
    } catch (error) {
      // The review itself failed: whoever may not ask, or cannot, learns from the probe's own request why.
      if (isInfraError(error)) return true;
      throw error;
    } finally {
      over.abort();
    }
  };
  return {
    get asked() {
      return answers.size;
    },
    async refused(questions) {
      const all = await Promise.all(
        questions.map(async (question) => {
          const key = accessWords(question) + (question.name ?? '');
          const answer = answers.get(key) ?? ask(question);
          answers.set(key, answer);
          return { question, isAllowed: await answer };
        }),
      );
      const denied = all.filter(({ isAllowed }) => !isAllowed).map(({ question }) => accessWords(question));
      return denied.length === 0 ? undefined : `may not ${denied.join(', may not ')}`;
    },
  };
}
