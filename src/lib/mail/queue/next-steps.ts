import type { Site } from '../../site/site.ts';
import type { Advice } from '../verdict/advice.ts';
import type { QueuePlace } from './collect-queue.ts';
import type { QueueJudgement, QueueTrouble } from './judge-queue.ts';
import type { QueueSummary } from './summary.ts';

/** What to do about a queue: looking first, then what makes it move. Nothing of it is run. */
export function queueNextSteps(
  place: QueuePlace,
  site: Site,
  { troubles }: QueueJudgement,
  summary: QueueSummary | undefined,
): readonly Advice[] {
  const steps = troubles.flatMap(({ trouble }) => BY_TROUBLE[trouble](on(place, site), place, summary));
  const once = steps.filter(({ text }, at) => steps.findIndex((each) => each.text === text) === at);
  return once.toSorted((a, b) => Number(a.risk !== 'read') - Number(b.risk !== 'read'));
}

type OnPlace = (...words: readonly string[]) => string;
type Steps = (on: OnPlace, place: QueuePlace, summary: QueueSummary | undefined) => readonly Advice[];

function on(place: QueuePlace, site: Site): OnPlace {
  const { namespace, service, pod, ssh } = site.mail;
  return (...words) =>
    place === 'second-mx'
      ? `ssh ${ssh.secondMx.value ?? 'SECOND-MX'} sudo ${words.join(' ')}`
      : `kubectl -n ${namespace.value} exec deploy/${service.value} -c ${pod.container.value} -- ${words.join(' ')}`;
}

const read = (text: string, command: string): Advice => ({ text, command, risk: 'read' });

/** The way of the oldest one that waits: its last attempt says more than a count. Only the pod's log can be read. */
const traced: Steps = (_, place, summary) => {
  const id = summary?.reasons[0]?.id;
  return place !== 'here' || id === undefined || id === ''
    ? []
    : [read('the way of one of them', `infra mail trace ${id}`)];
};

const again = (at: OnPlace): Advice => ({
  text: 'when the cause is gone, try them all now',
  command: at('postqueue', '-f'),
  risk: 'write',
  costs: 'every receiver is asked again at once; often repeated it slows down all other mail',
});

const BY_TROUBLE: Readonly<Record<QueueTrouble, Steps>> = {
  'postfix-down': (at) => [read('why it does not run', at('postfix', 'check'))],
  'not-handed-on': (at) => [read('are qmgr and pickup there?', at('postconf', '-M')), again(at)],
  'relay-credentials': (at, place, summary) => [
    read('where mail goes', at('postconf', 'relayhost', 'smtp_sasl_password_maps')),
    ...traced(at, place, summary),
    again(at),
  ],
  'local-delivery': (at, place, summary) => [
    read('does Dovecot listen?', 'infra mail check-ports --hop pod'),
    ...traced(at, place, summary),
    again(at),
  ],
  'own-trouble': (at, place, summary) => [...traced(at, place, summary), again(at)],
  many: (at, place, summary) => [...traced(at, place, summary), again(at)],
  'primary-refuses': (at, _, summary) => [
    read('is the first server reachable?', 'infra mail check-ports'),
    ...(summary === undefined || summary.total === 0 ? [] : [again(at)]),
  ],
  corrupt: (at) => [read('what they are', at('ls', '-l', '/var/spool/postfix/corrupt'))],
  waiting: traced,
  held: (at, _, summary) => {
    const id = summary?.oldest.hold?.id ?? 'ID';
    return [
      read('what it is', at('postcat', '-qeh', id)),
      { text: 'release it', command: at('postsuper', '-H', id), risk: 'write' },
    ];
  },
};
