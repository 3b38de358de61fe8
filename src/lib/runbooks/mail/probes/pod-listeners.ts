import type { Json } from '../../../diagnosis/json.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { collectListeners, SS } from '../../../mail/evidence/listeners.ts';
import { mayExec } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { considered, rowsFrom } from '../evidence/hop.ts';
import { judgeHops } from '../judge/judge-hop.ts';
import { LISTENERS_ID, POD_ID, SETTINGS_ID } from '../names.ts';
import { runningIn } from './pod-state.ts';

/** The innermost hop. */
export const podListeners: Probe<Json> = {
  id: LISTENERS_ID,
  title: 'listeners in the pod',
  layer: 'pod',
  dependsOn: [SETTINGS_ID, POD_ID],
  needs: (site) => mayExec(site.mail.namespace.value),
  kind: 'exec',
  cost: '1 list of pods, 1 ss in the pod',
  timeoutMs: 15_000,
  question: 'Do Postfix and Dovecot listen on every port, with and without PROXY?',
  why: 'Inside the cluster mail comes to the stock listeners, from outside to those that require PROXY. The latter are added by a script when the pod starts: without it mail works inside and is dead outside.',
  byHand: (site) =>
    `kubectl -n ${site.mail.namespace.value} exec deploy/${site.mail.service.value} -c ${site.mail.pod.container.value} -- ${SS.join(' ')}`,
  healthy: 'A port for every protocol, and the PROXY one of each.',
  failures: [
    { code: 'pod.not-listening', meaning: 'Nothing listens on a port that the cluster itself uses.' },
    { code: 'pod.proxy-not-listening', meaning: 'Nothing listens on a port that HAProxy sends to.' },
    { code: 'mail.listener.missing', meaning: 'Postfix or Dovecot does not listen.' },
    { code: 'mail.postfix.overlay-not-applied', meaning: 'Postfix listens, and its PROXY listeners were not added.' },
  ],

  async collect(ask) {
    if (runningIn(ask.given.answer<readonly PodFact[]>(POD_ID)).length === 0) return null;
    const { pod, ports } = await collectListeners({ kubernetes: await ask.client('kubernetes') }, ask.site);
    return { pod, ports: [...ports] };
  },

  judge(evidence, given) {
    if (evidence === null)
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'no pod runs, so nothing listens' };
    const answered = { state: 'answered', value: evidence } as const;
    const rows = rowsFrom({ ...considered(given, []), pod: answered, 'pod-proxy': answered }, given);
    return judgeHops(rows, ['pod', 'pod-proxy'], (row, inner) => {
      if (row.hop === 'pod') return { observation: 'pod.not-listening', cause: 'mail.listener.missing' };
      const observation = 'pod.proxy-not-listening';
      // Where the stock listener is missing too, the server is broken and not its overlay.
      if (!inner('pod')) return { observation };
      const cause = row.protocol === 'imaps' ? 'mail.listener.missing' : 'mail.postfix.overlay-not-applied';
      return { observation, cause };
    });
  },
};
