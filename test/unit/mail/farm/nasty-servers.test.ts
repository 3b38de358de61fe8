import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EHLO_NAME } from '../../../../src/lib/mail/probe/smtp.ts';
import { EXPIRED, OTHER_HOST, OTHER_KEY, SELF_SIGNED } from './certificates.ts';
import { ask, farewell, farm, heard, submission, within } from './farm.ts';

const EHLO = `EHLO ${EHLO_NAME}\r\n`;

test('a healthy server: every phase has its time, and infra says only what it must, one command a write', async () => {
  const server = await farm((stage) => submission(stage));
  const report = await ask(server);
  expect(report.problems).toEqual([]);
  expect(report.phases.map(({ phase }) => phase)).toEqual(['connect', 'banner', 'ehlo', 'starttls', 'tls', 'quit']);
  expect(report).toMatchObject({
    banner: 'mail.farm.test ESMTP',
    connected: true,
    extensions: ['PIPELINING', 'STARTTLS', 'SMTPUTF8'],
  });
  expect(report.tls).toMatchObject({ trusted: true, nameMatches: true, certificate: { names: ['mail.farm.test'] } });
  expect(heard(server)).toEqual([EHLO, 'STARTTLS\r\n', 'QUIT\r\n']);
  expect(report.sentBytes).toBe(`${EHLO}STARTTLS\r\nQUIT\r\n`.length);
  expect(server.visits).toHaveLength(1);
});

test('a slow greeting of several lines is read to its last line before anything is said', async () => {
  const early: number[] = [];
  const server = await farm(async (stage) => {
    for (const line of ['220-mail.farm.test', '220-one moment', '220 mail.farm.test ESMTP']) {
      await wait(60);
      stage.send(`${line}\r\n`);
      early.push(server.visits[0]?.chunks.length ?? -1);
    }
    await stage.line();
    stage.send('250-mail.farm.test\r\n250 STARTTLS\r\n');
    await stage.line();
    stage.send('220 go\r\n');
    await farewell(await stage.secure());
  });
  const report = await ask(server);
  expect(report.problems).toEqual([]);
  expect(early).toEqual([0, 0, 0]);
  expect(report.phases.find(({ phase }) => phase === 'banner')?.ms).toBeGreaterThanOrEqual(170);
});

test.each(['421 4.3.2 All server ports are busy', '421-4.7.0 Try again later\r\n421 4.7.0 closing'])(
  '%s is "come back later": nothing more is said, and nobody comes back',
  async (greeting) => {
    const server = await farm((stage) => {
      stage.send(`${greeting}\r\n`);
      stage.socket.end();
    });
    const report = await ask(server);
    expect(report.problems).toEqual([expect.objectContaining({ phase: 'banner', reason: 'rate-limited' })]);
    expect(heard(server)).toEqual([]);
    expect(server.visits).toHaveLength(1);
  },
);

test('a greeting that ends otherwise than it began is what it ended as', async () => {
  const server = await farm((stage) => {
    stage.send('220-mail.farm.test ESMTP\r\n421 4.7.0 Too many connections\r\n');
    stage.socket.end();
  });
  const detail = 'the server asks to come back later: 421 4.7.0 Too many connections';
  expect((await ask(server)).problems[0]).toMatchObject({ reason: 'rate-limited', detail });
});

test('421 in answer to EHLO is the same', async () => {
  const server = await farm(async (stage) => {
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.send('421 4.7.0 Error: too many connections\r\n');
    stage.socket.end();
  });
  expect((await ask(server)).problems[0]).toMatchObject({ phase: 'ehlo', reason: 'rate-limited' });
  expect(heard(server)).toEqual([EHLO]);
});

test('a server that greets with 554 is left politely', async () => {
  const server = await farm(async (stage) => {
    stage.send('554 5.7.1 No SMTP service here\r\n');
    await farewell(stage);
  });
  expect((await ask(server)).problems[0]).toMatchObject({
    phase: 'banner',
    reason: 'rejected',
    detail: 'the server greets with 554 5.7.1 No SMTP service here',
  });
  expect(heard(server)).toEqual(['QUIT\r\n']);
});

test('a tarpit: no greeting, ever', async () => {
  const server = await farm(() => undefined);
  const report = await ask(server, within({ greetingMs: 400 }));
  expect(report.problems[0]).toMatchObject({ phase: 'banner', reason: 'timeout' });
  expect(heard(server)).toEqual([]);
});

test('a greeting that drips byte by byte is not waited for beyond its time', async () => {
  const server = await farm(async (stage) => {
    for (const char of '220 mail.farm.test ESMTP and a very long story about the weather\r\n') {
      if (stage.socket.destroyed) return;
      stage.send(char);
      await wait(20);
    }
  });
  const report = await ask(server, within({ greetingMs: 400 }));
  expect(report.problems[0]).toMatchObject({ phase: 'banner', reason: 'timeout' });
});

test('a server that closes without a word', async () => {
  const server = await farm((stage) => {
    stage.socket.end();
  });
  expect((await ask(server)).problems[0]).toMatchObject({ phase: 'banner', reason: 'closed' });
});

test('a half-open server takes EHLO and is never heard again', async () => {
  const server = await farm((stage) => stage.send('220 mail.farm.test ESMTP\r\n'));
  const report = await ask(server, within({ replyMs: 300 }));
  expect(report.problems[0]).toMatchObject({ phase: 'ehlo', reason: 'timeout' });
  expect(heard(server)).toEqual([EHLO]);
});

test('a server that resets the connection in the middle', async () => {
  const server = await farm(async (stage) => {
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.socket.resetAndDestroy();
  });
  expect((await ask(server)).problems[0]).toMatchObject({ phase: 'ehlo', reason: 'closed' });
});

test('STARTTLS stripped on the way', async () => {
  const server = await farm(async (stage) => {
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.send('250-mail.farm.test\r\n250 XXXXXXXA\r\n');
    await farewell(stage);
  });
  const report = await ask(server);
  expect(report.problems[0]).toMatchObject({ phase: 'starttls', reason: 'starttls-missing' });
  expect(heard(server)).toEqual([EHLO, 'QUIT\r\n']);
});

test('STARTTLS offered and then refused', async () => {
  const server = await farm(async (stage) => {
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.send('250-mail.farm.test\r\n250 STARTTLS\r\n');
    await stage.line();
    stage.send('454 4.7.0 TLS not available due to local problem\r\n');
    await farewell(stage);
  });
  expect((await ask(server)).problems[0]).toMatchObject({ phase: 'starttls', reason: 'starttls-refused' });
});

test('STARTTLS, then silence', async () => {
  const server = await farm(async (stage) => {
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.send('250-mail.farm.test\r\n250 STARTTLS\r\n');
    await stage.line();
    stage.send('220 go\r\n');
  });
  const report = await ask(server, within({ tlsMs: 400 }));
  expect(report.problems[0]).toMatchObject({ phase: 'tls', reason: 'timeout' });
});

test('words slipped in behind the answer to STARTTLS do not count as said inside TLS', async () => {
  const server = await farm(async (stage) => {
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.send('250-mail.farm.test\r\n250 STARTTLS\r\n');
    await stage.line();
    stage.send('220 go\r\n250 injected\r\n');
  });
  expect((await ask(server)).problems[0]).toMatchObject({ phase: 'tls', reason: 'early-data' });
});

test('AUTH before TLS is told, and the rest is still looked at', async () => {
  const server = await farm(async (stage) => {
    stage.send('220 mail.farm.test ESMTP\r\n');
    await stage.line();
    stage.send('250-mail.farm.test\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n');
    await stage.line();
    stage.send('220 go\r\n');
    await farewell(await stage.secure());
  });
  const report = await ask(server);
  expect(report.problems).toEqual([expect.objectContaining({ phase: 'ehlo', reason: 'auth-before-tls' })]);
  expect(report.tls).toMatchObject({ trusted: true });
  expect((await ask(server, { hidesAuth: false })).problems).toEqual([]);
});

test.each([
  ['an expired certificate', EXPIRED, undefined, 'certificate-expired'],
  ['a certificate for another host', OTHER_HOST, OTHER_KEY, 'certificate-name'],
  ['a self-signed certificate', SELF_SIGNED, undefined, 'certificate-self-signed'],
] as const)('%s is told, and does not keep infra from taking leave', async (_, certificate, key, reason) => {
  const server = await farm((stage) => submission(stage, certificate, key));
  const report = await ask(server);
  expect(report.problems).toEqual([expect.objectContaining({ phase: 'certificate', reason })]);
  expect(report.tls?.certificate.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(heard(server).at(-1)).toBe('QUIT\r\n');
  expect((await ask(server, { judgesCertificate: false })).problems).toEqual([]);
});

test('binary garbage is no SMTP, and is not shown as it is', async () => {
  const server = await farm((stage) =>
    stage.send(Buffer.from('\u001b[2J\u0000\u0007\u009d\u00ff\u0001\u0002\r\n', 'latin1')),
  );
  const report = await ask(server);
  expect(report.problems[0]).toMatchObject({ phase: 'banner', reason: 'not-smtp' });
  expect(JSON.stringify(report.transcript)).not.toMatch(/\\u001b|\\u0000/);
  expect(report.transcript[0]?.text).toMatch(/bytes that are no text/);
  expect(heard(server)).toEqual([]);
});

test('a line that never ends costs neither time nor memory', async () => {
  const before = process.memoryUsage().rss;
  const server = await farm((stage) => {
    const flood = Buffer.alloc(64 * 1024, 'x');
    const pour = (): void => {
      while (!stage.socket.destroyed && stage.socket.write(flood));
    };
    stage.socket.on('drain', pour);
    stage.send('220 ');
    pour();
  });
  const report = await ask(server);
  expect(report.problems[0]).toMatchObject({ phase: 'banner', reason: 'line-too-long' });
  expect(report.receivedBytes).toBeLessThan(1_000_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
});

test('a greeting of endless lines is left', async () => {
  const server = await farm((stage) => {
    const pour = (): void => {
      while (!stage.socket.destroyed && stage.socket.write('220-and another thing\r\n'.repeat(100)));
    };
    stage.socket.on('drain', pour);
    pour();
  });
  const report = await ask(server);
  expect(report.problems[0]).toMatchObject({ phase: 'banner', reason: 'endless' });
  expect(report.transcript.length).toBeLessThanOrEqual(80);
});

test('a server on IPv6 only is refused on IPv4 and answers on IPv6', async () => {
  const server = await farm((stage) => submission(stage), '::1');
  expect((await ask(server)).problems).toEqual([]);
  // Somebody else may have that port of 127.0.0.1.
  const report = await ask({ host: '127.66.0.9', port: server.port });
  expect(report.problems[0]).toMatchObject({ phase: 'connect', reason: 'refused' });
  expect(report).toMatchObject({ connected: false, sentBytes: 0 });
  expect(server.visits).toHaveLength(1);
});

test('no address but loopback is dialled in a rehearsal', async () => {
  await expect(ask({ host: '192.0.2.1', port: 25 })).rejects.toMatchObject({ code: 'network.not-loopback' });
});

test('an interrupted probe ends at once with the reason', async () => {
  const server = await farm(() => undefined);
  const controller = new AbortController();
  const asked = ask(server, { signal: controller.signal });
  await expect.poll(() => server.visits.length).toBe(1);
  controller.abort(new Error('Ctrl-C'));
  await expect(asked).rejects.toThrow('Ctrl-C');
});
