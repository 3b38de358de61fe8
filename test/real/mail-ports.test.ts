/**
 * `infra mail check-ports` against Debian's Postfix, Dovecot, HAProxy and sshd, and a real API server: everything healthy,
 * then one component after another stopped or set up wrongly. The answer names that component's hop.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BREAKAGES, type Breakage, kill, revive } from './harness/mail/breakages.ts';
import { mailSkipReason } from './harness/mail/tools.ts';
import { type MailWorld, startMailWorld } from './harness/mail/world.ts';

const reason = mailSkipReason('mail-ports.test.ts', 'world');

interface Row {
  hop: string;
  protocol: string;
  verdict: string;
  reason?: string;
  phase?: string;
  node?: string;
  got: string;
}

interface Checked {
  exitStatus: number;
  rows: Row[];
  findings: { id: string; verdict: string; detail: string }[];
  connections: number;
  conclusion: {
    state: string;
    summary: string;
    breaks: { code: string; hop: string; protocols: string[]; reason: string }[];
    notes: string[];
  };
}

describe.skipIf(reason !== undefined)('infra mail check-ports on real servers', { timeout: 600_000 }, () => {
  let mail: MailWorld;
  beforeAll(async () => {
    mail = await startMailWorld();
  }, 600_000);
  afterAll(() => mail?.stop());

  async function check(args: readonly string[] = [], settings: Record<string, unknown> = {}): Promise<Checked> {
    const infra = await mail.infra(settings);
    return (await infra.json('mail', 'check-ports', ...args)) as unknown as Checked;
  }

  test('every port at every hop is as it should be', async () => {
    const checked = await check();
    const asked = checked.rows.filter(({ verdict }) => verdict !== 'SKIPPED');
    expect(asked.filter(({ verdict }) => verdict !== 'OK')).toEqual([]);
    expect(asked).toHaveLength(37);
    expect(new Set(checked.rows.map(({ hop }) => hop))).toHaveProperty('size', 12);
    expect(checked.findings.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['mail.certificate.expiry', 'PASS'],
      ['mail.certificate.equal', 'PASS'],
    ]);
    expect([checked.exitStatus, checked.conclusion.state, checked.connections]).toEqual([0, 'healthy', 20]);
  });

  describe.each<Breakage>([...BREAKAGES])(
    '$name',
    ({ apply, mend, args, settings, breaks, status = 2, untold = [] }) => {
      let checked: Checked;
      beforeAll(async () => {
        await apply(mail);
        checked = await check(args, settings?.(mail));
      }, 600_000);
      afterAll(async () => {
        await mend?.(mail);
        await mail.balancer.allUp();
      }, 600_000);

      test('is what the answer names', () => {
        const found = checked.conclusion.breaks.map(({ code, hop, protocols, reason: why }) => ({
          code,
          hop,
          protocols,
          reason: why,
        }));
        expect(found, checked.conclusion.summary).toEqual(breaks);
        expect(checked.exitStatus).toBe(status);
        const open = checked.rows.filter(({ verdict }) => verdict === 'INCONCLUSIVE');
        expect([...new Set(open.map(({ reason: why }) => why))]).toEqual(untold);
      });
    },
  );

  test('all nodes, thoroughly: the dead one is named, and no PROXY listener greets who sends no header', async () => {
    await kill(mail, 'nodePort', ['smtps'], 'k8s-node2');
    try {
      const { rows, conclusion, exitStatus } = await check(['--deep', '--hop', 'node-proxy', '--hop', 'node-health']);
      const failed = rows.filter(({ verdict }) => verdict === 'FAIL');
      expect(failed.map(({ hop, protocol, node, reason: why }) => [hop, protocol, node, why])).toEqual([
        ['node-proxy', 'smtps', 'k8s-node2', 'refused'],
        ['node-proxy', 'smtps', 'k8s-node2', 'refused'],
      ]);
      expect(conclusion.summary).toContain('k8s-node2');
      expect(rows.filter(({ verdict }) => verdict === 'EXPECTED-DROP')).toHaveLength(7);
      expect(exitStatus).toBe(2);
    } finally {
      await revive(mail);
      await mail.balancer.allUp();
    }
  });
});
