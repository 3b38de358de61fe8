/** `infra mail trace` over what Debian's Postfix, Dovecot and HAProxy have just written, by each of a mail's keys. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Infra, makeInfra } from './harness/infra.ts';
import { message, plain, talk } from './harness/mail/client.ts';
import { ACCOUNTS } from './harness/mail/dovecot.ts';
import { type MailServers, startMailServers } from './harness/mail/servers.ts';
import { mailSkipReason } from './harness/mail/tools.ts';
import { until } from './harness/until.ts';

const reason = mailSkipReason('mail-trace.test.ts', 'servers');

interface Traced {
  exitStatus: number;
  mails: {
    queueIds: string[];
    messageId?: string;
    client?: string;
    login?: string;
    state: string;
    recipients: { address: string; state: string; reason?: string; where?: string }[];
  }[];
}

const ALICE = 'alice@example.test';
const HELLO = 'EHLO sender.example.org';

describe.skipIf(reason !== undefined)('infra mail trace over real logs', { timeout: 600_000 }, () => {
  let mail: MailServers;
  let infra: Infra;
  let files: string[];

  const logged = (wanted: RegExp): Promise<true> =>
    until(`Postfix to log ${wanted}`, async () => (wanted.test(await mail.postfix.log()) ? true : undefined));

  beforeAll(async () => {
    mail = await startMailServers();
    const { balancer, ports, sender } = mail.addresses;
    const outside = { to: { address: balancer, port: ports.smtp.port }, from: sender };
    await talk({
      ...outside,
      say: [HELLO, ...message('bob@sender.example.org', ALICE, 'in-1@sender.example.org'), 'QUIT'],
    });
    await talk({
      ...outside,
      say: [HELLO, 'MAIL FROM:<bob@sender.example.org>', 'RCPT TO:<nobody@example.test>', 'QUIT'],
    });
    await mail.relay.be('absent');
    const login = `AUTH PLAIN ${plain(ALICE, ACCOUNTS[ALICE] ?? '')}`;
    await talk({
      to: mail.inPod(ports.submission.port),
      from: sender,
      say: [
        HELLO,
        'STARTTLS',
        HELLO,
        login,
        ...message(ALICE, 'carol@elsewhere.example.org', 'out-1@example.test'),
        'QUIT',
      ],
    });
    await logged(/in-1@.*status=sent.*removed/s);
    await logged(/status=deferred \(connect to/);
    const folder = join(mail.dir, 'repository');
    await mkdir(join(folder, 'stacks'), { recursive: true });
    await writeFile(join(folder, 'infra.yaml'), 'mail: { hostname: mail.example.test }\n');
    const logs = {
      'mail.log': await mail.postfix.log(),
      'dovecot.log': await mail.dovecot.log(),
      'haproxy.log': await mail.balancer.log(),
    };
    files = Object.keys(logs).map((name) => join(folder, name));
    for (const [name, text] of Object.entries(logs)) await writeFile(join(folder, name), text);
    infra = await makeInfra({ dir: folder, env: { PATH: '/usr/bin:/bin', HOME: mail.home, TMPDIR: mail.dir } });
  }, 600_000);
  afterAll(() => mail?.stop());

  async function trace(...args: string[]): Promise<Traced> {
    return (await infra.json(
      'mail',
      'trace',
      ...args,
      ...files.flatMap((file) => ['--file', file]),
    )) as unknown as Traced;
  }

  const queueIdOf = async (id: string): Promise<string> =>
    new RegExp(`cleanup\\[\\d+\\]: (\\w+): message-id=<${id}>`).exec(await mail.postfix.log())?.[1] ?? '';

  test.each([
    ['message id', async () => ['--message-id', 'in-1@sender.example.org']],
    ['queue id', async () => [await queueIdOf('in-1@sender.example.org')]],
    ['sender and recipient', async () => ['--from', 'bob@sender.example.org', '--to', ALICE]],
  ])('a mail that came in is found by its %s: who sent it, and the mailbox that has it', async (_, key) => {
    const { mails, exitStatus } = await trace(...(await key()));
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({
      messageId: 'in-1@sender.example.org',
      state: 'delivered',
      client: expect.stringContaining(mail.addresses.sender),
      recipients: [{ address: ALICE, state: 'delivered' }],
    });
    expect(exitStatus).toBe(0);
  });

  test('a mail that waits for the relay: who signed in, and why it waits', async () => {
    const { mails, exitStatus } = await trace('--message-id', 'out-1@example.test');
    expect(mails).toMatchObject([
      { login: ALICE, state: 'deferred', recipients: [{ reason: expect.stringContaining('Connection refused') }] },
    ]);
    expect(exitStatus).toBe(1);
    expect((await trace('--last')).mails[0]?.messageId).toBe('out-1@example.test');
  });

  test('a mail that was refused', async () => {
    const { mails, exitStatus } = await trace('--to', 'nobody@example.test');
    expect(mails).toMatchObject([
      { state: 'rejected', recipients: [{ reason: expect.stringContaining('User unknown') }] },
    ]);
    expect(exitStatus).toBe(2);
  });

  test('of one that never came nothing is known', async () => {
    expect(await trace('--message-id', 'never@sender.example.org')).toMatchObject({ mails: [], exitStatus: 3 });
  });
});
