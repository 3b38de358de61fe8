import { isInfraError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { type Answer, type Check, type Group, skip, unknown, type World } from './check.ts';

/** A finding and the group it is shown in. */
export type DoctorFinding = Finding & { readonly group: Group };

const DEADLINE_MS = 15_000;

/**
 * Runs all checks at the same time, each under its own deadline, and answers in the order of the list. `onFinding` is
 * called as each one ends. Nothing that a check throws gets out: an InfraError is UNKNOWN with its code, anything else
 * is UNKNOWN with `defect`.
 */
export async function runChecks(
  checks: readonly Check[],
  world: World,
  onFinding: (finding: DoctorFinding) => void = () => {},
): Promise<readonly DoctorFinding[]> {
  const clock = await world.client('clock');
  const running = new Map<string, Promise<DoctorFinding>>();
  const start = (check: Check): Promise<DoctorFinding> => {
    const { id, title, group } = check;
    const known = running.get(id);
    if (known !== undefined) return known;
    const before = checks.find((other) => other.id === check.after);
    const finding = (async (): Promise<DoctorFinding> => {
      const answer =
        withoutSite(check, world) ?? blockedBy(before && (await start(before))) ?? (await bounded(check, world, clock));
      const done = { id, title, group, ...answer };
      onFinding(done);
      return done;
    })();
    running.set(id, finding);
    return finding;
  };
  return Promise.all(checks.map(start));
}

function blockedBy(before: DoctorFinding | undefined): Answer | undefined {
  if (before === undefined) return undefined;
  if (before.verdict === 'SKIP') return skip(`not asked: ${before.title} was skipped`, before.reason);
  if (before.verdict === 'FAIL' || before.verdict === 'UNKNOWN')
    return unknown(`not asked: see ${before.title}`, 'blocked');
  return undefined;
}

async function bounded(
  check: Check,
  world: World,
  clock: { sleep: (ms: number, signal: AbortSignal) => Promise<void> },
): Promise<Answer> {
  const limit = check.deadlineMs ?? DEADLINE_MS;
  const done = new AbortController();
  const deadline = clock.sleep(limit, done.signal).then(
    () => unknown(`no answer within ${limit / 1000} s`, 'timeout'),
    // Aborted: the check itself has answered, and the race is over.
    () => unknown('', 'cancelled'),
  );
  try {
    return await Promise.race([ask(check, world), deadline]);
  } catch (thrown) {
    return failed(thrown);
  } finally {
    done.abort();
  }
}

/** The answer of a check that needs a repository where there is none to look at. */
function withoutSite({ needs }: Check, { siteState }: World): Answer | undefined {
  if (needs === 'machine' || siteState.state === 'present') return undefined;
  return siteState.state === 'absent'
    ? skip('there is no repository here', 'no-repository')
    : unknown('not asked: see infra.yaml', 'blocked');
}

async function ask(check: Check, world: World): Promise<Answer> {
  if (check.needs === 'machine') return check.run(world);
  const { siteState } = world;
  return siteState.state === 'present' ? check.run(world, siteState.site) : unknown('no site', 'blocked');
}

function failed(thrown: unknown): Answer {
  if (!isInfraError(thrown))
    return unknown(`the check itself failed: ${thrown instanceof Error ? thrown.name : 'no error'}`, 'defect');
  const hint = thrown.hints[0];
  return unknown(thrown.message, thrown.code, hint === undefined ? {} : { hint });
}
