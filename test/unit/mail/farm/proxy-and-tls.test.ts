import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EHLO_NAME } from '../../../../src/lib/mail/probe/smtp.ts';
import { proxyHeader } from '../../../../src/lib/mail/proxy-protocol.ts';
import { ask, type Farm, farewell, farm, heard, type Stage, submission, within } from './farm.ts';

const IMAPS = { language: 'imap', tls: 'implicit' } as const;
const SMTPS = { language: 'smtp', tls: 'implicit' } as const;

/** A listener that expects a PROXY header, as Postfix with `haproxy` does: without one it says nothing. */
async function expectingProxy(stage: Stage, then: (stage: Stage) => Promise<void>): Promise<void> {
  const head = await stage.bytes(16);
  if (head.subarray(0, 12).toString('latin1') !== '\r\n\r\n\0\r\nQUIT\n') {
    stage.socket.end();
    return;
  }
  await stage.bytes(head.readUInt16BE(14));
  await then(stage);
}

const claimed = (server: Farm): Buffer => server.visits[0]?.chunks[0] ?? Buffer.alloc(0);

test('a PROXY listener gets the whole header in one piece, and then the usual conversation', async () => {
  const server = await farm((stage) => expectingProxy(stage, submission));
  const report = await ask(server, { proxy: true });
  expect(report.problems).toEqual([]);
  expect(report.phases.map(({ phase }) => phase)).toContain('proxy');
  const header = proxyHeader({
    source: { address: '192.0.2.250', port: 50_250 },
    destination: { address: '127.0.0.1', port: server.port },
  });
  expect(claimed(server)).toEqual(Buffer.from(header));
  expect(heard(server).slice(1)).toEqual([`EHLO ${EHLO_NAME}\r\n`, 'STARTTLS\r\n', 'QUIT\r\n']);
});

test('over IPv6 the header claims an IPv6 address', async () => {
  const server = await farm((stage) => expectingProxy(stage, submission), '::1');
  expect((await ask(server, { proxy: true })).problems).toEqual([]);
  expect(claimed(server)).toHaveLength(52);
  expect(claimed(server).subarray(16, 32).toString('hex')).toBe('20010db8000000000000000000000250');
});

test('without the header such a listener is silent, and gets no header that it was not promised', async () => {
  const server = await farm((stage) => expectingProxy(stage, submission));
  const report = await ask(server, within({ greetingMs: 400 }));
  expect(report.problems[0]).toMatchObject({ phase: 'banner', reason: 'timeout' });
  expect(heard(server)).toEqual([]);
});

test.each(['421 4.3.0 mail.farm.test Server local error', '421 4.3.2 No system resources'])(
  '%s after a long silence: it has waited for a header',
  async (greeting) => {
    const server = await farm(async (stage) => {
      await wait(80);
      stage.send(`${greeting}\r\n`);
      stage.socket.end();
    });
    expect((await ask(server, within({ headerWaitMs: 60 }))).problems[0]).toMatchObject({
      phase: 'banner',
      reason: 'proxy-expected',
    });
    expect((await ask(server)).problems[0]).toMatchObject({ reason: 'rate-limited' });
    expect(heard(server)).toEqual([]);
  },
);

test('postscreen behind the PROXY port takes the header for commands that come too early', async () => {
  const server = await farm(async (stage) => {
    stage.send('220-mail.farm.test ESMTP\r\n');
    await stage.bytes(28);
    stage.send('502 5.5.2 Error: command not recognized\r\n');
    await farewell(stage);
  });
  expect((await ask(server, { proxy: true })).problems[0]).toMatchObject({
    phase: 'proxy',
    reason: 'proxy-refused',
    detail: 'the server took the PROXY header for a command: 502 5.5.2 Error: command not recognized',
  });
});

test('a listener that hangs up on the header refuses it', async () => {
  const server = await farm(async (stage) => {
    await stage.bytes(28);
    stage.socket.end();
  });
  expect((await ask(server, { proxy: true })).problems[0]).toMatchObject({ phase: 'proxy', reason: 'proxy-refused' });
});

test('a stock Postfix behind the PROXY port takes the header for commands', async () => {
  const server = await farm(async (stage) => {
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.bytes(28);
    stage.send('500 5.5.2 Error: bad syntax\r\n221 2.7.0 Error: I can break rules, too. Goodbye.\r\n');
    stage.socket.end();
  });
  const report = await ask(server, { proxy: true });
  expect(report.problems[0]).toMatchObject({ phase: 'proxy', reason: 'proxy-refused' });
  expect(server.visits).toHaveLength(1);
});

test('SMTPS: TLS first, then the greeting', async () => {
  const server = await farm(async (bare) => {
    const stage = await bare.secure();
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.send('250-mail.farm.test\r\n250 AUTH PLAIN\r\n');
    await farewell(stage);
  });
  const report = await ask(server, SMTPS);
  expect(report.problems).toEqual([]);
  expect(report.phases.map(({ phase }) => phase)).toEqual(['connect', 'tls', 'banner', 'ehlo', 'quit']);
});

test('SMTPS behind PROXY: header, TLS, greeting', async () => {
  const server = await farm((stage) =>
    expectingProxy(stage, async (bare) => {
      const secure = await bare.secure();
      secure.send('220 mail.farm.test ESMTP\r\n');
      await secure.line();
      secure.send('250 mail.farm.test\r\n');
      await farewell(secure);
    }),
  );
  expect((await ask(server, { ...SMTPS, proxy: true })).problems).toEqual([]);
});

test('IMAPS: TLS, greeting, LOGOUT; nobody logs in', async () => {
  const server = await farm(async (bare) => {
    const stage = await bare.secure();
    stage.send('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Dovecot ready.\r\n');
    await stage.line();
    stage.send('* BYE Logging out\r\na1 OK Logout completed.\r\n');
    stage.socket.end();
  });
  const report = await ask(server, IMAPS);
  expect(report.problems).toEqual([]);
  expect(report.phases.map(({ phase }) => phase)).toEqual(['connect', 'tls', 'banner', 'quit']);
  expect(report.transcript.filter(({ from }) => from === 'infra').map(({ text }) => text)).toEqual(['a1 LOGOUT']);
});

test.each([
  ['* BYE Disconnected: too many connections', 'rejected'],
  ['* PREAUTH welcome', 'preauth'],
  ['+OK POP3 ready', 'not-imap'],
])('an IMAP greeting that is none: %s', async (greeting, reason) => {
  const server = await farm(async (bare) => {
    const stage = await bare.secure();
    stage.send(`${greeting}\r\n`);
  });
  expect((await ask(server, IMAPS)).problems[0]).toMatchObject({ phase: 'banner', reason });
});

test('a server that speaks in the clear where TLS is expected', async () => {
  const server = await farm((stage) => stage.send('220 mail.farm.test ESMTP\r\n'));
  const { problems } = await ask(server, SMTPS);
  expect(problems[0]).toMatchObject({ phase: 'tls' });
  expect(['tls', 'early-data']).toContain(problems[0]?.reason);
});

test('silence where TLS is expected', async () => {
  const server = await farm(() => undefined);
  expect((await ask(server, { ...SMTPS, ...within({ tlsMs: 400 }) })).problems[0]).toMatchObject({
    phase: 'tls',
    reason: 'timeout',
  });
});

test.each([SMTPS, IMAPS])('a balancer with nobody behind it closes before TLS begins: %o', async (how) => {
  const server = await farm((stage) => {
    stage.socket.end();
  });
  const report = await ask(server, how);
  expect(report.problems[0]).toMatchObject({ phase: 'tls', reason: 'closed' });
});

test('so does a PROXY listener that does not want the header', async () => {
  const server = await farm(async (stage) => {
    await stage.bytes(28);
    stage.socket.end();
  });
  const report = await ask(server, { ...SMTPS, proxy: true });
  expect(report.problems[0]).toMatchObject({ phase: 'proxy', reason: 'proxy-refused' });
});

test('a server that hangs up inside TLS is heard to hang up, and not waited for', async () => {
  const server = await farm(async (bare) => {
    const stage = await bare.secure();
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.socket.destroy();
  });
  const report = await ask(server, SMTPS);
  expect(report.problems[0]).toMatchObject({ phase: 'ehlo', reason: 'closed' });
});
