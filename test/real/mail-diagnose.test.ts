/**
 * `infra diagnose mail` against the servers of mail-ports.test.ts: what is broken there is the root cause here, whatever
 * else of mail is not set up in this world.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BREAKAGES, type Breakage } from './harness/mail/breakages.ts';
import { mailSkipReason } from './harness/mail/tools.ts';
import { type MailWorld, startMailWorld } from './harness/mail/world.ts';

const reason = mailSkipReason('mail-diagnose.test.ts', 'world');

interface Diagnosed {
  exitStatus: number;
  verdict: string;
  rootCause?: { code: string; confidence: string };
  alsoFailing: readonly string[];
  findings: readonly { id: string; verdict: string; detail: string; reason?: string }[];
}

describe.skipIf(reason !== undefined)('infra diagnose mail on real servers', { timeout: 600_000 }, () => {
  let mail: MailWorld;
  beforeAll(async () => {
    mail = await startMailWorld();
  }, 600_000);
  afterAll(() => mail?.stop());

  /** Diagnoses with what Postfix has logged since `from` as the pod's log; the records of mail are mail-dns.test.ts's. */
  async function diagnose(from: number, settings: Record<string, unknown> = {}): Promise<Diagnosed> {
    await mail.cluster.setLog((await mail.postfix.log()).slice(from).split('\n'));
    const infra = await mail.infra(settings);
    return (await infra.json('diagnose', 'mail', '--skip', 'mail.records.*')) as unknown as Diagnosed;
  }
  const logged = async (): Promise<number> => (await mail.postfix.log()).length;

  const failed = ({ findings }: Diagnosed): readonly string[] =>
    findings.filter(({ verdict }) => verdict === 'FAIL').map(({ id, detail }) => `${id}: ${detail}`);

  test('nothing is broken: no cause, no failure', async () => {
    const diagnosed = await diagnose(0);
    expect(failed(diagnosed)).toEqual([]);
    expect(diagnosed.rootCause).toBeUndefined();
  });

  /** Dovecot's listener is no part of Postfix's overlay: check-ports says where it breaks, the runbook what is missing. */
  const codeOf = ({ name, breaks }: Breakage): string | undefined =>
    name === 'Dovecot without its PROXY listener' ? 'mail.listener.missing' : breaks[0]?.code;

  /** Why nothing came round may stand in the records, which nobody asks here: that one stays undetermined. */
  const isNamed = ({ breaks: [first], args }: Breakage): boolean =>
    first !== undefined && first.code !== 'mail.roundtrip.stale' && args === undefined;

  test.each<Breakage>(BREAKAGES.filter(isNamed))('$name', async (breakage) => {
    const { apply, mend, settings } = breakage;
    try {
      const from = await logged();
      await apply(mail);
      const diagnosed = await diagnose(from, settings?.(mail));
      expect(diagnosed.rootCause, failed(diagnosed).join('\n')).toMatchObject({
        code: codeOf(breakage),
        confidence: 'confirmed',
      });
      expect(diagnosed.exitStatus).toBe(2);
    } finally {
      await mend?.(mail);
      await mail.balancer.allUp();
    }
  });
});
