import { describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { enterAlice } from './stack-apply-runs.ts';
import { type AtLine, infra, infraJson } from './user-add/infra.ts';
import {
  appliesOf,
  besideAnApply,
  heads,
  journals,
  leftovers,
  shortLines,
  stateInFile,
  stateOnRemote,
} from './user-add/platform.ts';

/** A Tier-0 stack and one that waits for it. */
const APPLY = ['stack', 'apply', 'vault', 'rbac', '--yes'] as const;

/** What is the same however often a run was killed before it completed. */
async function completed(sandbox: Sandbox): Promise<object> {
  const { serial, addresses } = await stateOnRemote(sandbox, 'vault');
  const rbac = stateInFile(`${sandbox.dir}/pg/rbac.tfstate`);
  const { local, remote } = heads(sandbox);
  return {
    vault: { serial, addresses },
    rbac: { serial: rbac.serial, addresses: rbac.addresses },
    applies: [appliesOf(sandbox, 'vault').length, appliesOf(sandbox, 'rbac').length],
    isPushed: local === remote,
    leftovers: leftovers(sandbox),
    beside: besideAnApply(sandbox),
  };
}

async function undisturbed(): Promise<{ readonly lines: readonly string[]; readonly expected: object }> {
  const sandbox = await startSandbox();
  try {
    enterAlice(sandbox);
    expect((await infraJson(sandbox, APPLY)).document).toMatchObject({ status: 'ok', result: 'applied' });
    return { lines: shortLines(journals(sandbox)[0]), expected: await completed(sandbox) };
  } finally {
    await sandbox.stop();
  }
}

/** Kills infra at one moment, runs the same command again, and tells what that leaves. */
async function killedAndRepeated(atLine: AtLine): Promise<object> {
  const sandbox = await startSandbox();
  try {
    enterAlice(sandbox);
    const killed = await infra(sandbox, [...APPLY, '--json'], { atLine });
    if (killed.signal !== 'SIGKILL') return { killed };
    const again = await infra(sandbox, [...APPLY, '--json']);
    if (again.status !== 0) return { status: again.status, said: again.stdout.slice(0, 3000) + again.stderr };
    return await completed(sandbox);
  } finally {
    await sandbox.stop();
  }
}

/** Two at a time: every run keeps a processor busy. */
async function inPairs<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

describe('infra stack apply, killed with SIGKILL, and the same command again', () => {
  it('completes after every line of the journal as if nothing had happened; nothing is applied twice', async () => {
    const { lines, expected } = await undisturbed();
    expect(expected).toMatchObject({ applies: [1, 1], isPushed: true, leftovers: [], beside: [] });
    expect([lines[0], lines.at(-1)]).toEqual(['run-start', 'run-end']);
    const found = new Map<string, object>();
    await inPairs([...lines.entries()], async ([at, name]) => {
      const left = await killedAndRepeated({ line: at + 1, do: 'kill' });
      // A child that was announced and then not let go counts as a start, but never applies: only serials tell.
      const { applies: _left, ...state } = left as { applies?: unknown };
      const { applies: _expected, ...wanted } = expected as { applies?: unknown };
      if (JSON.stringify(state) !== JSON.stringify(wanted)) found.set(`${at + 1} ${name}`, left);
    });
    expect(Object.fromEntries(found)).toEqual({});
  }, 600_000);
});
