import type { EvidenceState } from '../../diagnosis/probe.ts';
import type { BalancedServer } from '../evidence/haproxy-state.ts';
import type { Redirection } from '../evidence/nat.ts';
import type { Roundtrip } from '../evidence/roundtrip.ts';
import type { ServiceFacts } from '../evidence/service.ts';
import type { Vantage } from '../gather.ts';
import type { CellJudgement } from './cell.ts';

/** The monitor sends one every 20 minutes: two of them missing is not chance. */
export const FRESH_MINUTES = 40;

const ok = (got: string): CellJudgement => ({ verdict: 'OK', got });
const fail = (reason: string, got: string): CellJudgement => ({ verdict: 'FAIL', reason, got });
const skipped = (reason: string, got: string): CellJudgement => ({ verdict: 'SKIPPED', reason, got });

/** A question without an answer: not configured is skipped, everything else could not be told. */
export function unanswered(evidence: Extract<EvidenceState, { state: 'no-answer' }>): CellJudgement {
  const { reason, message } = evidence;
  return reason === 'not-configured' ? skipped(reason, message) : { verdict: 'INCONCLUSIVE', reason, got: message };
}

/** Whether the pod listens on a port. */
export function listening(open: readonly number[], port: number | undefined): CellJudgement {
  if (port === undefined) return skipped('not-configured', 'no port is set for it');
  return open.includes(port) ? ok(`listens on ${port}`) : fail('not-listening', `nothing listens on ${port}`);
}

/** What the API says of the Service, where it was not dialled. */
export function service(facts: ServiceFacts, port: number | undefined, vantage: Vantage): CellJudgement {
  if (!facts.present) return fail('no-service', 'there is no such Service');
  if (port !== undefined && !facts.ports.includes(port)) return fail('no-port', `the Service has no port ${port}`);
  if (facts.readyEndpoints === 0) return fail('no-endpoints', 'the Service has no ready endpoint');
  const ready = `${facts.readyEndpoints} ready endpoint${facts.readyEndpoints === 1 ? '' : 's'}`;
  return skipped('vantage', `${ready}; a ClusterIP answers inside the cluster only, not to ${vantage.name}`);
}

/** Whether HAProxy has a server that is up for the NodePort that this port is forwarded to. */
export function balanced(servers: readonly BalancedServer[], nodePort: number | undefined): CellJudgement {
  if (nodePort === undefined) return skipped('not-configured', 'no node port is set for it');
  const own = servers.filter(({ port }) => port === nodePort);
  const up = own.filter(({ isUp }) => isUp);
  if (own.length === 0) return fail('no-backend', `no backend forwards to port ${nodePort}`);
  const down = own.filter(({ isUp }) => !isUp).map(({ server }) => server);
  if (up.length === 0) return fail('backend-down', `every server is down: ${down.join(', ')}`);
  const counted = `${up.length} of ${own.length} up`;
  return down.length === 0 ? ok(counted) : { ...ok(counted), degraded: `down: ${down.join(', ')}` };
}

/** Whether everything that comes for a port goes to the balancer. */
export function redirected(
  rules: readonly Redirection[],
  port: number | undefined,
  balancer: string | undefined,
): CellJudgement {
  const own = rules.filter((rule) => rule.port === port);
  if (own.length === 0) return fail('nat-missing', `no rule redirects port ${port}`);
  const wrong = own.find(({ target }) => target !== balancer);
  if (balancer !== undefined && wrong !== undefined) {
    return fail('nat-target', `port ${port} goes to ${wrong.target} on ${wrong.interface}, not to ${balancer}`);
  }
  return ok(`to ${own[0]?.target}`);
}

/** How old the last mail is that came round. */
export function cameRound(last: Roundtrip, now: Date): CellJudgement {
  if (last.suspended) return { verdict: 'INCONCLUSIVE', reason: 'suspended', got: 'the CronJob is suspended' };
  if (last.lastSuccess === undefined) return fail('never', `none has ever come round (${last.source})`);
  const minutes = Math.floor((now.getTime() - Date.parse(last.lastSuccess)) / 60_000);
  if (Number.isNaN(minutes) || minutes < -5) {
    return {
      verdict: 'INCONCLUSIVE',
      reason: 'malformed',
      got: `${last.source} says ${last.lastSuccess.slice(0, 40)}`,
    };
  }
  const ago = `${Math.max(0, minutes)} min ago (${last.source})`;
  if (minutes > FRESH_MINUTES) return fail('stale', `the last one came round ${ago}`);
  if (last.lastCameBack === false) return fail('failed', `the last one did not come back; the one before did, ${ago}`);
  return ok(ago);
}
