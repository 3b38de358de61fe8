import type { Json } from '../../../diagnosis/json.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { collectHaproxyState, haproxyQuestion } from '../../../mail/evidence/haproxy-state.ts';
import type { Hop } from '../../../mail/hops.ts';
import { asJson, considered, probesOf, rowsFrom } from '../evidence/hop.ts';
import { judgeHops } from '../judge/judge-hop.ts';
import { POOL_ID, SETTINGS_ID } from '../names.ts';

const BESIDE: readonly Hop[] = ['pod', 'node-health', 'node-proxy'];

/** HAProxy's own view of its servers. */
export const haproxyPool: Probe<Json> = {
  id: POOL_ID,
  title: 'HAProxy’s pool',
  layer: 'haproxy',
  dependsOn: [SETTINGS_ID],
  considers: probesOf(BESIDE),
  kind: 'exec',
  cost: '1 show servers state, over ssh',
  timeoutMs: 20_000,
  question: 'Which servers does HAProxy hold to be up?',
  why: 'HAProxy goes on taking connections when every server is out, and closes them: from outside that looks like a dead mail server.',
  byHand: (site) => {
    const { command, stdin } = haproxyQuestion(site);
    return `ssh ${site.mail.ssh.haproxy.value ?? '<balancer>'} 'echo "${stdin.trim()}" | ${command.join(' ')}'   # srv_op_state 2 is up`;
  },
  healthy: 'Every server of every mail backend is up.',
  failures: [
    { code: 'balancer.backend-down', meaning: 'A backend has no server that is up, or is not there.' },
    { code: 'balancer.degraded', meaning: 'Some servers of a backend are down; the others serve.' },
    { code: 'mail.haproxy.backend-down', meaning: 'Every server is out although the node ports answer.' },
  ],

  collect: async ({ client, site }) => asJson(await collectHaproxyState({ ssh: await client('ssh') }, site)),

  judge(evidence, given) {
    const rows = rowsFrom(
      { ...considered(given, BESIDE), 'haproxy-state': { state: 'answered', value: evidence } },
      given,
    );
    const judged = judgeHops(rows, ['haproxy-state'], (_, inner) => ({
      observation: 'balancer.backend-down',
      ...(inner('pod', 'node-health', 'node-proxy') ? { cause: 'mail.haproxy.backend-down' } : {}),
    }));
    const less = rows.filter(({ hop, degraded }) => hop === 'haproxy-state' && degraded !== undefined);
    if (judged.verdict !== 'PASS' || less.length === 0) return judged;
    const detail = less.map(({ protocol, got, degraded }) => `${protocol} ${got}, ${degraded}`).join('; ');
    const observations = less.map(({ protocol }) => ({ code: 'balancer.degraded', subject: protocol }));
    return { ...judged, verdict: 'WARN', detail, observations };
  },
};
