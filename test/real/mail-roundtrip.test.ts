/** `infra mail roundtrip` over the CronJob of a monitor in a real API server: how long ago a mail came round. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailSkipReason } from './harness/mail/tools.ts';
import { type MailWorld, startMailWorld } from './harness/mail/world.ts';

const reason = mailSkipReason('mail-roundtrip.test.ts', 'world');
const MINUTE = 60_000;

interface Roundtrip {
  exitStatus: number;
  findings: { verdict: string; reason?: string; detail: string }[];
}

describe.skipIf(reason !== undefined)('infra mail roundtrip on a real API server', { timeout: 600_000 }, () => {
  let mail: MailWorld;
  beforeAll(async () => {
    mail = await startMailWorld();
  }, 600_000);
  afterAll(() => mail?.stop());

  async function roundtrip(): Promise<Roundtrip> {
    const infra = await mail.infra();
    return (await infra.json('mail', 'roundtrip')) as unknown as Roundtrip;
  }

  test.each([
    ['a quarter of an hour ago', 15, 'PASS', 0],
    ['just within the limit', 39, 'PASS', 0],
    ['too long ago', 41, 'FAIL', 2],
    ['a day ago', 24 * 60, 'FAIL', 2],
  ])('a mail that came round %s', async (_, minutes, verdict, status) => {
    await mail.cluster.setRoundtrip(new Date(Date.now() - minutes * MINUTE));
    const found = await roundtrip();
    expect(found.findings.map((one) => one.verdict)).toEqual([verdict]);
    expect(found.exitStatus).toBe(status);
  });
});
