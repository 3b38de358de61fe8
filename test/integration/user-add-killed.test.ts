import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { documentOf, type PrintedDocument } from '../document.ts';
import { ADD_ALICE, type AtLine, addAlice, infra, infraJson } from './user-add/infra.ts';
import {
  appliesOf,
  besideAnApply,
  entriesOf,
  heads,
  hold,
  journals,
  type KnownState,
  leftovers,
  letGo,
  onRequest,
  shortLines,
  stateOnRemote,
  usersSecret,
} from './user-add/platform.ts';

/** What is the same however often a run was killed before it completed. */
type Completed = {
  readonly version: number;
  readonly users: unknown;
  readonly otherKeys: string;
  readonly entries: number;
  readonly state: Omit<KnownState, 'lineage'>;
  readonly isPushed: boolean;
  readonly leftovers: readonly string[];
  readonly beside: readonly string[];
  readonly verdicts: readonly string[];
};

/** What the same command says and does once all is done. */
type Repeated = { readonly status: unknown; readonly result: unknown; readonly changed: boolean };

async function repeated(sandbox: Sandbox): Promise<Repeated> {
  const before = [usersSecret(sandbox).version, heads(sandbox).local];
  const again = await addAlice(sandbox);
  const changed = before.join() !== [usersSecret(sandbox).version, heads(sandbox).local].join();
  return { status: again.status, result: again.document.result, changed };
}

/** `printed`: the document of the run that completed, whose last act was to prove every object. */
async function completed(sandbox: Sandbox, printed: PrintedDocument): Promise<Completed> {
  const { serial, addresses } = await stateOnRemote(sandbox, 'vault');
  const { local, remote } = heads(sandbox);
  const secret = usersSecret(sandbox);
  const findings = printed.findings as readonly { readonly verdict: string }[];
  return {
    version: secret.version,
    users: secret.users,
    otherKeys: createHash('sha256').update(secret.otherKeys).digest('hex'),
    entries: entriesOf(secret, 'alice'),
    state: { serial, addresses },
    isPushed: local === remote,
    leftovers: leftovers(sandbox),
    beside: besideAnApply(sandbox),
    verdicts: findings.map(({ verdict }) => verdict).sort(),
  };
}

const NOTHING_TO_CHANGE: Repeated = { status: 0, result: 'nothing-to-change', changed: false };

/** A run that nobody disturbed: its journal in short, and what it leaves. */
async function undisturbed(): Promise<{ readonly lines: readonly string[]; readonly expected: Completed }> {
  const sandbox = await startSandbox();
  try {
    const { document } = await addAlice(sandbox);
    expect(document).toMatchObject({ status: 'ok', result: 'added' });
    const lines = shortLines(journals(sandbox)[0]);
    const expected = await completed(sandbox, document);
    expect(expected).toMatchObject({ entries: 1, isPushed: true, leftovers: [], beside: [] });
    expect(new Set(expected.verdicts)).toEqual(new Set(['PASS', 'SKIP']));
    expect((await infraJson(sandbox, ['user', 'verify', 'alice'])).document.status).toBe('ok');
    expect(await repeated(sandbox)).toEqual(NOTHING_TO_CHANGE);
    return { lines, expected };
  } finally {
    await sandbox.stop();
  }
}

/** Kills infra at one moment, runs the same command again, and tells in what it differs from an undisturbed run. */
async function killedAndRepeated(atLine: AtLine): Promise<object> {
  const sandbox = await startSandbox();
  try {
    const killed = await infra(sandbox, [...ADD_ALICE, '--yes', '--json'], { atLine });
    if (killed.signal !== 'SIGKILL') return { killed };
    const again = await infra(sandbox, [...ADD_ALICE, '--yes', '--json']);
    if (again.status !== 0) return { status: again.status, said: again.stdout.slice(0, 3000) + again.stderr };
    const found = await completed(sandbox, documentOf(again.stdout));
    // A third run and a look from outside cost as much as the first: where the journal was torn or lied, and at every fifth line.
    if (atLine.when === undefined && (atLine.line ?? 0) % 5 > 0) return found;
    const third = await repeated(sandbox);
    const { status: verified } = (await infraJson(sandbox, ['user', 'verify', 'alice'])).document;
    return third.status === 0 && !third.changed && verified === 'ok' ? found : { ...found, third, verified };
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

/** Only what differs, so that a failure can be read. */
function differences(found: object, expected: object): readonly string[] {
  const [a, b] = [found, expected].map((value) => new Map(Object.entries(value)));
  const keys = [...new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])];
  const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
  return keys
    .filter((key) => text(a?.get(key)) !== text(b?.get(key)))
    .map((key) => `${key}: ${text(a?.get(key))}, undisturbed ${text(b?.get(key))}`);
}

/** Undisturbed once for all tests of this file. */
const reference = await undisturbed();

/** Kills at each of these moments, two at a time, and lists those that an undisturbed run can be told from. */
async function distinguishable(moments: readonly (AtLine & { readonly name: string })[]): Promise<object> {
  const found = new Map<string, readonly string[]>();
  await inPairs(moments, async ({ name, ...atLine }) => {
    const differing = differences(await killedAndRepeated(atLine), reference.expected);
    if (differing.length > 0) found.set(name, differing);
  });
  return Object.fromEntries(found);
}

describe('infra killed with SIGKILL, and the same command again', () => {
  it('completes after every single line of the journal, as if nothing had happened', async () => {
    const { lines } = reference;
    expect(lines.length).toBeGreaterThan(30);
    expect([lines[0], lines.at(-1)]).toEqual(['run-start', 'run-end']);
    const moments = lines.map((name, at) => ({ name: `${at + 1} ${name}`, line: at + 1, do: 'kill' as const }));
    expect(await distinguishable(moments)).toEqual({});
  }, 1_200_000);

  it('completes when something was done that the journal does not know of, or half a line of it', async () => {
    const unknown = [
      'entry-written edit',
      'child-ended stack vault',
      'state-committed stack vault',
      'step-applied stack rbac',
    ];
    const torn = ['run-start', 'confirmed', 'step-applying stack vault', 'step-verified stack vault', 'run-end'];
    const moment = (when: 'before' | 'torn') => (name: string) => {
      expect(reference.lines).toContain(name);
      return { name: `${when} ${name}`, line: reference.lines.indexOf(name) + 1, when, do: 'kill' as const };
    };
    expect(await distinguishable([...unknown.map(moment('before')), ...torn.map(moment('torn'))])).toEqual({});
  }, 600_000);
});

describe('infra killed while terraform applies', () => {
  it('leaves the child to finish; the same command waits for it, saves its state and completes', async () => {
    const sandbox = await startSandbox();
    try {
      const killed = await infra(sandbox, [...ADD_ALICE, '--yes', '--json'], {
        onStart: (child) =>
          onRequest(sandbox.kubernetes, 'POST /api/v1/namespaces', () => {
            hold(sandbox, 'vault');
            child.kill('SIGKILL');
          }),
      });
      expect(killed.signal).toBe('SIGKILL');
      const [child] = appliesOf(sandbox, 'vault');
      expect(child).toMatchObject({ end: undefined });
      const again = await infra(sandbox, [...ADD_ALICE, '--yes', '--json'], {
        onStderr: (text) => {
          if (text.includes('waiting for pid')) letGo(sandbox);
        },
      });
      expect(again.status).toBe(0);
      expect(again.stderr).toContain(`waiting for pid ${child?.pid}`);
      expect(appliesOf(sandbox, 'vault')).toMatchObject([{ end: expect.any(Number) }]);
      expect(besideAnApply(sandbox)).toEqual([]);
      expect(differences(await completed(sandbox, documentOf(again.stdout)), reference.expected)).toEqual([]);
    } finally {
      await sandbox.stop();
    }
  });

  it('refuses to run beside an infra that lives, and says which run it is', async () => {
    const sandbox = await startSandbox();
    try {
      const second: { ended?: ReturnType<typeof addAlice> } = {};
      onRequest(sandbox.kubernetes, 'POST /api/v1/namespaces', () => {
        hold(sandbox, 'vault');
        second.ended = addAlice(sandbox).finally(() => letGo(sandbox));
      });
      const first = await addAlice(sandbox);
      expect(first.document).toMatchObject({ status: 'ok', result: 'added' });
      const refused = await second.ended;
      expect(refused?.status).toBe(75);
      expect(refused?.document.error).toMatchObject({
        code: 'run.locked',
        message: expect.stringContaining(String(first.document.run)),
      });
      expect(differences(await completed(sandbox, first.document), reference.expected)).toEqual([]);
    } finally {
      await sandbox.stop();
    }
  });
});
