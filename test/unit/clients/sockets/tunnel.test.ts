import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Sockets } from '../../../../src/lib/clients/sockets/client.ts';
import { makeSockets } from '../../../../src/lib/clients/sockets/live.ts';

/** `ssh -W` as OpenSSH does it, without a host in between: what it says of the channel goes to stderr. */
const SSH = `
const net = require('node:net');
const args = process.argv.slice(2);
const host = args.at(-1);
if (args[0] === '-G') { console.log('hostname ' + (host === 'far' ? '10.0.20.1' : '127.0.0.1')); process.exit(); }
if (host === 'locked') { console.error('debug1: Trying\\nlocked: Permission denied (publickey).'); process.exit(255); }
const [, address, port] = /^(.*):(\\d+)$/.exec(args[args.indexOf('-W') + 1]);
const socket = net.connect(Number(port), address);
socket.on('connect', () => {
  process.stderr.write('debug2: channel 0: open confirm rwindow 2097152 rmax 32768\\n');
  process.stdin.pipe(socket).pipe(process.stdout);
});
socket.on('error', () => {
  process.stderr.write('channel 0: open failed: connect failed: Connection refused\\nstdio forwarding failed\\n');
  process.exit(255);
});
socket.on('close', () => process.exit());
`;

async function fakeSsh(): Promise<Sockets> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-tunnel-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'ssh.cjs'), SSH);
  await writeFile(join(folder, 'ssh'), `#!/bin/sh\nexec '${process.execPath}' '${folder}/ssh.cjs' "$@"\n`);
  await chmod(join(folder, 'ssh'), 0o755);
  return makeSockets({ loopbackOnly: true, env: { PATH: `${folder}:${process.env.PATH}` } });
}

async function greeter(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer((socket) => {
    socket.write('220 hello\r\n');
    socket.on('data', (chunk) => socket.end(`you said ${chunk}`)).on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port: (server.address() as AddressInfo).port, close };
}

const LINE = { timeoutMs: 20_000, maxBytes: 100 };

test('another host connects, and its connection is like any other', async () => {
  const sockets = await fakeSsh();
  const server = await greeter();
  onTestFinished(server.close);
  const connection = await sockets.connect({
    host: '127.0.0.1',
    port: server.port,
    timeoutMs: 20_000,
    from: 'vantage',
  });
  expect(await connection.readLine(LINE)).toBe('220 hello');
  await connection.write('QUIT\r\n');
  expect(await connection.readLine(LINE)).toBe('you said QUIT');
  expect(await connection.readLine(LINE)).toBeUndefined();
  expect(connection).toMatchObject({ sent: 6, remote: { address: '127.0.0.1', port: server.port } });
  connection.close();
});

test('what that host cannot reach is refused, and what it says of itself is another error', async () => {
  const sockets = await fakeSsh();
  const server = await greeter();
  await server.close();
  const to = { host: '127.0.0.1', port: server.port, timeoutMs: 20_000 };
  await expect(sockets.connect({ ...to, from: 'vantage' })).rejects.toMatchObject({
    code: 'sockets.refused',
    message: expect.stringContaining('asked from vantage'),
  });
  await expect(sockets.connect({ ...to, from: 'locked' })).rejects.toMatchObject({ code: 'ssh.denied' });
  await expect(sockets.connect({ ...to, from: '-oProxyCommand=x' })).rejects.toMatchObject({ code: 'ssh.bad-host' });
});

test('in a rehearsal neither the host nor its destination may be another machine', async () => {
  const sockets = await fakeSsh();
  const far = sockets.connect({ host: '127.0.0.1', port: 25, timeoutMs: 20_000, from: 'far' });
  await expect(far).rejects.toMatchObject({ code: 'network.not-loopback' });
  const beyond = sockets.connect({ host: '192.0.2.1', port: 25, timeoutMs: 20_000, from: 'vantage' });
  await expect(beyond).rejects.toMatchObject({ code: 'network.not-loopback' });
});
