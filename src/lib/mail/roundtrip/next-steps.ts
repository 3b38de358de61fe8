import type { Site } from '../../site/site.ts';
import type { Advice } from '../verdict/advice.ts';
import type { Half } from './judge-send.ts';

const read = (text: string, command: string): Advice => ({ text, command, risk: 'read' });

/** What to look at, by the half that failed. */
export function roundtripNextSteps(half: Half, site: Site): readonly Advice[] {
  const namespace = site.mail.namespace.value;
  const cronJob = site.mail.roundtrip.cronJob.value;
  const steps: Readonly<Record<Half, readonly Advice[]>> = {
    none: [],
    sending: [
      read('which key and address the monitor uses', `kubectl -n ${namespace} describe cronjob ${cronJob}`),
      {
        text: 'whether the sender’s account is open, and its daily limit not used up: its own page says',
        risk: 'read',
      },
    ],
    receiving: [
      read('did it reach the mail server?', 'infra mail trace --last'),
      read('at which hop does mail break?', 'infra mail check-ports'),
      read('does it wait somewhere?', 'infra mail queue'),
    ],
    mailbox: [
      read('does Dovecot answer inside the cluster?', 'infra mail check-ports --port imaps --hop pod --hop service'),
      read('did the mail itself arrive?', 'infra mail trace --last'),
    ],
    'not-started': [
      read('why pods do not start there', `kubectl -n ${namespace} get events --sort-by=.lastTimestamp`),
      read('its image and secrets', `kubectl -n ${namespace} describe cronjob ${cronJob}`),
    ],
    unclear: [read('what its Jobs say', `kubectl -n ${namespace} get cronjob,jobs`)],
  };
  return steps[half];
}

/** What to look at when the last scheduled mail did not come round. */
export function staleNextSteps(site: Site): readonly Advice[] {
  const { namespace } = site.mail;
  return [
    {
      text: 'send one now; it says which half fails',
      command: 'infra mail roundtrip --send',
      risk: 'write',
      costs: 'one mail of the sender’s daily limit',
    },
    read('its Jobs', `kubectl -n ${namespace.value} get cronjob,jobs`),
    read('at which hop does mail break?', 'infra mail check-ports'),
    read('does mail wait?', 'infra mail queue'),
  ];
}
