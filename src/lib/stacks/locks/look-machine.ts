import type { StackDeps } from '../deps.ts';
import { judgeRunLock } from '../run/run-lock.ts';
import type { Holder, Life } from './holder.ts';

/** Who holds infra's own lock file of a stack on this machine. A dead one stands in nobody's way. Errors: those of `Files`. */
export async function lookAtMachine(
  deps: Pick<StackDeps, 'clients' | 'site' | 'stateFolder'>,
  stack: string,
): Promise<(Holder & { readonly run: string }) | undefined> {
  const target = { stateFolder: deps.stateFolder, siteRoot: deps.site.root.value, target: `stack-${stack}` };
  const found = await judgeRunLock(deps.clients, target);
  if (found === undefined) return undefined;
  const { infra, run, child } = found.holder;
  const life: Life = found.life === 'child' ? 'alive' : found.life;
  const evidence = {
    alive: `infra, pid ${infra.pid}, works on this machine.`,
    child: `infra was killed, but its child, pid ${child?.pid}, still works; it ends by itself.`,
    dead: 'Its processes have ended; the next run takes its place.',
    unknown: `Its process belongs to ${infra.host}, or to another container of this machine.`,
  }[found.life];
  return {
    place: 'machine',
    lock: 'stack',
    id: run,
    run,
    who: `run ${run} on ${infra.host}`,
    since: undefined,
    lastSeen: undefined,
    life,
    evidence: [evidence],
    hints: [`infra run show ${run}`],
    blocks: life !== 'dead',
  };
}
