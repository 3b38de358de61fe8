import type { Json } from '../../../diagnosis/json.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { mayReadLogs } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { judgeLogs } from '../../judge/judge-logs.ts';
import { isEndUnread } from '../../judge/logs-measured.ts';
import { failuresOf, type Signs } from '../../judge/signs.ts';
import { count, some } from '../../words.ts';
import { asJson } from '../evidence/hop.ts';
import { type MailLogEvidence, readMailLog } from '../evidence/read-log.ts';
import { LOGS_ID, POD_ID, SETTINGS_ID } from '../names.ts';
import { runningIn } from './pod-state.ts';

const SIGNS: Signs = {
  'mail.srs-map-unreachable': {
    observation: 'server.srs-unreachable',
    cause: 'mail.postsrsd',
    meaning: 'postsrsd does not answer: new mail is told to come back later',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'mail.proxy-local-frame': {
    observation: 'server.local-frames',
    cause: 'mail.proxy.local-frames',
    meaning: 'PROXY frames without an address kill the smtpd behind a PROXY port',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'mail.proxy-untrusted': {
    observation: 'server.proxy-untrusted',
    cause: 'mail.proxy.not-accepted',
    meaning: 'Dovecot does not trust the balancer: it closes what comes with a PROXY header',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'mail.proxy-header-missing': {
    observation: 'server.proxy-header-missing',
    meaning: 'somebody comes to a PROXY port without a PROXY header, again and again',
    verdict: 'WARN',
    atLeast: 20,
  },
  'mail.relay-auth-failed': {
    observation: 'server.relay-refuses',
    cause: 'mail.relay.credentials',
    meaning: 'the relay refuses our login: nothing leaves',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'mail.lmtp-socket-missing': {
    observation: 'server.no-mailboxes',
    cause: 'mail.listener.missing',
    meaning: 'Dovecot’s socket is not there: mail is accepted and reaches no mailbox',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'mail.cleanup-config-fatal': {
    observation: 'server.program-dies',
    meaning: 'a program of Postfix dies as soon as it starts',
    verdict: 'FAIL',
    atLeast: 3,
  },
  'mail.milter-unreachable': {
    observation: 'server.filter-away',
    meaning: 'rspamd does not answer: mail goes unsigned and unscanned',
    verdict: 'WARN',
    atLeast: 1,
  },
  'mail.rspamd-redis-unreachable': {
    observation: 'server.filter-away',
    meaning: 'rspamd has lost Redis: Bayes, rate limits and history do not work',
    verdict: 'WARN',
    atLeast: 3,
  },
  'mail.delivery-failed': {
    observation: 'server.delivery-fails',
    meaning: 'Dovecot cannot deliver; its words say why',
    verdict: 'WARN',
    atLeast: 3,
  },
};

/** What Postfix, Dovecot and rspamd say. */
export const serverLogs: Probe<Json> = {
  id: LOGS_ID,
  title: 'mail server log',
  layer: 'server',
  dependsOn: [SETTINGS_ID, POD_ID],
  needs: (site) => [mayReadLogs(site.mail.namespace.value)],
  kind: 'passive',
  cost: 'the log of the mail container, 15 minutes, at most 16 MiB; of a longer one its end too; more where nothing was found',
  timeoutMs: 20_000,
  question: 'What do Postfix, Dovecot and rspamd say?',
  why: 'A port that answers proves little: postsrsd can spin without answering, a health check can kill the very listener that it checks, the relay can refuse our login. Each stands here as a line, mostly as a warning.',
  byHand: (site) =>
    `kubectl -n ${site.mail.namespace.value} logs -l ${site.mail.pod.selector.value} -c ${site.mail.pod.container.value} --tail=-1 --since=15m | grep -E 'warning|fatal|panic|Error'   # without --tail=-1 kubectl shows ten lines`,
  healthy: 'Mail is received, and no line that is known to mean a fault.',
  failures: failuresOf(SIGNS),

  async collect(ask) {
    const [pod] = runningIn(ask.given.answer<readonly PodFact[]>(POD_ID));
    return pod === undefined ? null : asJson(await readMailLog(ask, pod));
  },

  judge(evidence, { at }): Judgement {
    if (evidence === null)
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'no pod runs, so nothing is logged' };
    const log = evidence as unknown as MailLogEvidence;
    return judgeLogs(log, { signs: SIGNS, unit: 'mail server log', mustServe: false }, at);
  },
};

/** Whose addresses the log shows. */
export const serverClients: Probe<null> = {
  id: 'mail.server.clients',
  title: 'senders’ addresses',
  layer: 'haproxy',
  dependsOn: [SETTINGS_ID, LOGS_ID],
  kind: 'passive',
  cost: 'nothing: judges the log',
  question: 'Does the mail server see the senders’ addresses, or those of the balancer?',
  why: 'Without them block lists, SPF and bans judge our own balancer: spam comes in and real mail is refused. It happens when HAProxy sends no PROXY header, or to a port that expects none.',
  byHand: (site) =>
    `kubectl -n ${site.mail.namespace.value} logs -l ${site.mail.pod.selector.value} -c ${site.mail.pod.container.value} --tail=-1 --since=1h | grep -E 'proxy.*CONNECT from|client='   # not 10.0.20.x; 192.0.2.250 is infra itself`,
  healthy: 'Senders from the Internet are shown by their own addresses.',
  failures: [
    { code: 'server.addresses-lost', meaning: 'Mail comes from the balancer or a node, by the log.' },
    { code: 'mail.proxy.client-address-lost', meaning: 'No sender’s address is seen at all, only those.' },
  ],

  collect: async () => null,

  judge(_, given): Judgement {
    const log = given.answer<Json>(LOGS_ID) as unknown as MailLogEvidence | null;
    if (log === null) return { verdict: 'SKIP', reason: 'not-applicable', detail: 'no pod runs, so nothing is logged' };
    const { senders, lost, shown } = log.clients;
    if (senders + lost === 0)
      return { verdict: 'UNKNOWN', reason: 'silent', detail: 'in six hours nobody from outside is in the log' };
    if (lost === 0) {
      const detail = `${count(senders, 'connection')} from outside, each by its own address`;
      if (log.read.some((one) => one.window === 'newest' && isEndUnread(one)))
        return { verdict: 'UNKNOWN', reason: 'partial', detail: `${detail}; the newest lines could not be read` };
      return { verdict: 'PASS', detail };
    }
    const observations = shown.map((subject) => ({ code: 'server.addresses-lost', subject }));
    const detail = `${count(lost, 'connection')} from outside ${lost === 1 ? 'shows' : 'show'} ${some(shown)} instead of the sender`;
    // Some of both: one of several ways in, or somebody inside who comes by it.
    if (senders > 0) return { verdict: 'WARN', detail: `${detail}; ${senders} do not`, observations };
    return { verdict: 'FAIL', detail, observations, causes: [{ code: 'mail.proxy.client-address-lost' }] };
  },
};
