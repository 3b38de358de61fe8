import { PODS } from '../../../clients/kubernetes/kinds.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { mayList } from '../../evidence/needs.ts';
import { type PodFact, toPodFact } from '../../evidence/pods.ts';
import { oomKilled, whyNotReady } from '../../judge/pod-state.ts';
import { some } from '../../words.ts';
import { POD_ID, SETTINGS_ID } from '../names.ts';

/** Whether there is a mail server at all. */
export const podState: Probe<readonly PodFact[]> = {
  id: POD_ID,
  title: 'mail server pod',
  layer: 'pod',
  dependsOn: [SETTINGS_ID],
  needs: (site) => [mayList(PODS, site.mail.namespace.value)],
  kind: 'passive',
  cost: '1 list of pods',
  question: 'Does the mail server run, and is it ready?',
  why: 'There is one pod, on one volume that only one node can hold: while it moves or restarts, nobody serves mail.',
  byHand: (site) => `kubectl -n ${site.mail.namespace.value} get pods -l ${site.mail.pod.selector.value} -o wide`,
  healthy: 'One pod, running and ready.',
  failures: [
    { code: 'pod.missing', meaning: 'There is no pod of the mail server.' },
    { code: 'pod.not-ready', meaning: 'The pod is not ready: the Services send nobody to it.' },
    { code: 'pod.killed', meaning: 'The kernel killed it for its memory within the last day.' },
  ],

  async collect({ client, site }) {
    const { namespace, pod } = site.mail;
    const kubernetes = await client('kubernetes');
    const found = await kubernetes.list(PODS, { namespace: namespace.value, labelSelector: pod.selector.value });
    return found.map(toPodFact).sort((a, b) => (a.name < b.name ? -1 : 1));
  },

  judge(pods, { at }) {
    const here = pods.filter(({ leaving }) => !leaving);
    if (here.length === 0) {
      const detail = 'there is no pod of the mail server: scaled to zero, or another selector than mail.pod.selector';
      return { verdict: 'FAIL', detail, observations: [{ code: 'pod.missing' }] };
    }
    const ready = here.filter((pod) => pod.ready);
    if (ready.length === 0) {
      const detail = some(here.map((pod) => `${pod.name}: ${whyNotReady(pod) ?? 'not ready'}`));
      const observations = here.map(({ name }) => ({ code: 'pod.not-ready', subject: name }));
      return { verdict: 'FAIL', detail, observations };
    }
    const killed = here.filter((pod) => oomKilled(pod, at) !== undefined);
    if (killed.length > 0) {
      const detail = `${some(killed.map(({ name }) => name))}: ready again, but killed for its memory within the last day`;
      return {
        verdict: 'WARN',
        detail,
        observations: killed.map(({ name }) => ({ code: 'pod.killed', subject: name })),
      };
    }
    return { verdict: 'PASS', detail: `${some(ready.map(({ name }) => name))} is ready` };
  },
};

/** Pods that run: only there can be asked what listens and what is logged. */
export function runningIn(pods: readonly PodFact[]): readonly PodFact[] {
  return pods.filter(({ phase, leaving }) => phase === 'Running' && !leaving);
}
