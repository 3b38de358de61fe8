import { expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { documentOf, type PrintedDocument } from '../document.ts';
import { INFRA, run } from './cli/run-program.ts';

type Check = PrintedDocument & {
  readonly rows: readonly {
    readonly record: string;
    readonly view: string;
    readonly verdict: string;
    readonly reason?: string;
  }[];
  readonly findings: readonly { readonly id: string; readonly detail: string }[];
};

async function play(world: string): Promise<Sandbox> {
  const sandbox = await startSandbox({ world });
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

test.each<[string, number, readonly string[]]>([
  ['healthy', 0, []],
  [
    'mail-dns-nowhere',
    2,
    [
      'mx public FAIL missing',
      'mx authoritative FAIL missing',
      'mx internal FAIL missing',
      'mta-sts-policy public SKIP blocked',
    ],
  ],
  ['mail-dns-forged', 2, ['spf public FAIL several', 'spf authoritative FAIL several', 'spf internal FAIL several']],
  ['mail-dns-old-key', 1, ['dkim public WARN weak', 'dkim authoritative WARN weak', 'dkim internal WARN weak']],
  ['mail-dns-own-mail-quarantined', 2, ['spf internal FAIL missing', 'dkim internal FAIL missing']],
  ['mail-dns-provider-name', 0, ['ptr public SKIP waived']],
  ['mail-dns-provider-name-unknown', 1, ['ptr public WARN mismatch']],
  ['mail-dns-policy', 1, ['mta-sts-policy public WARN inert']],
  ['mail-dns-just-changed', 1, []],
  ['mail-dns-list-refuses', 3, ['block-list internal UNKNOWN refused']],
  ['mail-dns-rejected', 2, ['block-list internal FAIL listed']],
])('%s ends with %i: %j', async (world, exitStatus, expected) => {
  const { env } = await play(world);
  const json = await run(INFRA, ['mail', 'dns', '--json'], { env });
  const check = documentOf(json.stdout) as Check;
  const told = check.rows
    .filter(({ verdict }) => verdict !== 'PASS')
    .map(({ record, view, verdict, reason }) => `${record} ${view} ${verdict} ${reason}`);
  expect({ told, exitStatus: check.exitStatus }).toEqual({ told: expected, exitStatus });
  expect(json.status).toBe(exitStatus);
  const text = await run(INFRA, ['mail', 'dns'], { env });
  expect(text.status).toBe(exitStatus);
  for (const line of text.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  for (const canary of Object.values(CANARIES)) expect(json.stdout + text.stdout + text.stderr).not.toContain(canary);
});

test('a change that the world has not seen yet is named, with both answers', async () => {
  const { env } = await play('mail-dns-just-changed');
  const { findings } = documentOf((await run(INFRA, ['mail', 'dns', '--json'], { env })).stdout) as Check;
  expect(findings.map(({ id }) => id)).toEqual(['mail.dns.differs.dmarc', 'mail.dns.differs.dmarc']);
  expect(findings[0]?.detail).toMatch(
    /^the public server .* p=quarantine.* p=reject.*still remembers an older record$/,
  );
});

test('a silent server is unknown, every question of it, and never “missing”', async () => {
  const { env } = await play('mail-dns-inside-silent');
  const { rows, exitStatus } = documentOf((await run(INFRA, ['mail', 'dns', '--json'], { env })).stdout) as Check;
  expect(exitStatus).toBe(3);
  expect(
    new Set(rows.filter(({ view }) => view === 'internal').map(({ verdict, reason }) => `${verdict} ${reason}`)),
  ).toEqual(new Set(['UNKNOWN timeout']));
});
