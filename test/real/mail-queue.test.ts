/**
 * `infra mail queue` over the queue of Debian's Postfix: in the pod through a real API server, and at the second MX through
 * a real sshd. Both are one Postfix here, so that what one place says the other has to say too.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { message, plain, talk } from './harness/mail/client.ts';
import { ACCOUNTS } from './harness/mail/dovecot.ts';
import { mailSkipReason } from './harness/mail/tools.ts';
import { type MailWorld, startMailWorld } from './harness/mail/world.ts';
import { until } from './harness/until.ts';

const reason = mailSkipReason('mail-queue.test.ts', 'world');

interface Queues {
  exitStatus: number;
  places: {
    place: string;
    isRunning?: boolean;
    summary?: { total: number; queues: Record<string, number>; reasons: { code: string; example: string }[] };
    troubles: { trouble: string; verdict: string }[];
  }[];
  findings: { id: string; verdict: string; detail: string; reason?: string }[];
}

const ALICE = 'alice@example.test';
const SSH = { haproxy: 'balancer', nat: 'balancer' };

describe.skipIf(reason !== undefined)('infra mail queue on real servers', { timeout: 600_000 }, () => {
  let mail: MailWorld;
  beforeAll(async () => {
    mail = await startMailWorld();
  }, 600_000);
  afterAll(() => mail?.stop());

  async function queues(secondMx = 'balancer'): Promise<Queues> {
    const infra = await mail.infra({ ssh: { ...SSH, secondMx } });
    return (await infra.json('mail', 'queue')) as unknown as Queues;
  }

  /** A mail of alice's to somebody elsewhere, which the relay is to take. */
  async function submit(id: string): Promise<void> {
    const { sender, ports } = mail.addresses;
    const login = `AUTH PLAIN ${plain(ALICE, ACCOUNTS[ALICE] ?? '')}`;
    const mailTo = message(ALICE, 'carol@elsewhere.example.org', id);
    const hello = 'EHLO sender.example.org';
    await talk({
      to: mail.inPod(ports.submission.port),
      from: sender,
      say: [hello, 'STARTTLS', hello, login, ...mailTo, 'QUIT'],
    });
  }

  const verdicts = ({ findings }: Queues): readonly string[] => findings.map(({ verdict }) => verdict);

  test('nothing waits, here and there', async () => {
    const found = await queues();
    expect(found.places.map(({ place, isRunning, summary }) => [place, isRunning, summary?.total])).toEqual([
      ['here', true, 0],
      ['second-mx', true, 0],
    ]);
    expect([found.exitStatus, ...verdicts(found)]).toEqual([0, 'PASS', 'PASS']);
  });

  test('what the relay does not take waits, with the reason that Postfix gives; for a moment that is no trouble', async () => {
    await mail.relay.be('absent');
    await submit('queue-1@example.test');
    await until('Postfix to put it off', async () =>
      /status=deferred \(connect to/.test(await mail.postfix.log()) ? true : undefined,
    );
    const found = await queues();
    for (const { summary } of found.places)
      expect(summary).toMatchObject({
        total: 1,
        queues: { deferred: 1, active: 0, hold: 0 },
        reasons: [{ example: expect.stringContaining('Connection refused') }],
      });
    expect([found.exitStatus, ...verdicts(found)]).toEqual([0, 'PASS', 'PASS']);
  });

  test('what somebody put on hold waits for somebody', async () => {
    await mail.postfix.command('postsuper', '-h', 'ALL');
    const found = await queues();
    for (const { summary, troubles } of found.places) {
      expect(summary?.queues).toMatchObject({ hold: 1, deferred: 0 });
      expect(troubles).toEqual([expect.objectContaining({ trouble: 'held', verdict: 'WARN' })]);
    }
    expect(found.exitStatus).toBe(1);
    await mail.postfix.command('postsuper', '-d', 'ALL');
  });

  test.each(['stranger', 'nobody'])(
    'a host that ssh does not reach, %s: UNKNOWN, and the pod is still asked',
    async (host) => {
      const found = await queues(host);
      expect(verdicts(found)).toEqual(['PASS', 'UNKNOWN']);
      expect(found.exitStatus).toBe(3);
    },
  );

  test('a Postfix that does not run is no empty queue', async () => {
    await mail.postfix.stop();
    try {
      const found = await queues();
      const there = found.places.find(({ place }) => place === 'second-mx');
      expect(there).toMatchObject({ isRunning: false, troubles: [{ trouble: 'postfix-down', verdict: 'FAIL' }] });
      expect(found.exitStatus).toBe(2);
    } finally {
      await mail.postfix.restart();
    }
  });
});
