import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { clientOf, failure, type Rig, serve, statusBody, TOKEN } from './rig.ts';

const SUCCESS = '{"metadata":{},"status":"Success"}';
const frame = (channel: number, text: string): Buffer => Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);

/** A server whose upgrades speak one protocol and are played by `play`. */
async function pod(
  play: (socket: WebSocket, request: IncomingMessage) => void,
  protocol = 'v5.channel.k8s.io',
): Promise<Rig> {
  const rig = await serve((_request, response) => void response.writeHead(500).end());
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
  rig.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    rig.seen.push(request);
    sockets.handleUpgrade(request, socket, head, (each) => play(each, request));
  });
  return rig;
}
/** A server that takes connections over and says nothing. */
async function mute(): Promise<Rig> {
  const rig = await serve(() => undefined);
  rig.server.on('upgrade', () => undefined);
  return rig;
}
const run = async (rig: Rig, options: { timeoutMs?: number; stdin?: string } = {}, clientTimeoutMs = 20_000) =>
  (await clientOf(rig, { timeoutMs: clientTimeoutMs })).exec(
    'team',
    'web',
    'app',
    ['df', '-B1', '/dev/shm & co'],
    options,
  );

describe('exec', () => {
  it.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
    'over %s gives both streams apart and the exit code',
    async (protocol) => {
      const rig = await pod((socket) => {
        for (const part of [frame(1, 'o'), frame(2, 'e'), frame(1, 'ut'), frame(2, 'rr'), frame(1, '')])
          socket.send(part);
        socket.send(
          frame(
            3,
            JSON.stringify({
              status: 'Failure',
              reason: 'NonZeroExitCode',
              details: { causes: [{ reason: 'ExitCode', message: '3' }] },
            }),
          ),
        );
        socket.close(1000);
      }, protocol);
      expect(await run(rig)).toEqual({ exitCode: 3, stdout: 'out', stderr: 'err' });
      const url = new URL(rig.seen[0]?.url ?? '', rig.url);
      expect(url.pathname).toBe('/api/v1/namespaces/team/pods/web/exec');
      expect(url.searchParams.getAll('command')).toEqual(['df', '-B1', '/dev/shm & co']);
      expect(url.searchParams.get('stdin')).toBeNull();
      expect(rig.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    },
  );

  it('hands stdin over with its end', async () => {
    const rig = await pod((socket) => {
      let input = '';
      socket.on('message', (data: Buffer) => {
        if (data[0] === 0) input += data.subarray(1).toString();
        if (data[0] === 255 && data[1] === 0) {
          socket.send(frame(1, input));
          socket.send(frame(3, SUCCESS));
          socket.close();
        }
      });
    });
    expect(await run(rig, { stdin: 'hello' })).toMatchObject({ exitCode: 0, stdout: 'hello' });
  });

  it('refuses stdin where its end cannot be told', async () => {
    const rig = await pod(() => undefined, 'v4.channel.k8s.io');
    expect((await failure(run(rig, { stdin: 'x' }))).message).toContain('too old');
  });

  it.each([
    ['closes without a status', (socket: WebSocket) => socket.close(1000), 'without saying how the command ended'],
    ['drops the connection', (socket: WebSocket) => socket.terminate(), 'without saying how the command ended'],
    [
      'sends a status that is not JSON',
      (socket: WebSocket) => {
        socket.send(frame(3, 'oops'));
        socket.close();
      },
      'not JSON',
    ],
    [
      'cannot start the program',
      (socket: WebSocket) => {
        socket.send(
          frame(3, JSON.stringify({ status: 'Failure', reason: 'InternalError', message: 'exec: "df": not found' })),
        );
        socket.close();
      },
      'exec: "df": not found',
    ],
  ])('on a server that %s is an error', async (_case, play, message) => {
    const error = await failure(run(await pod(play)));
    expect([error.code, error.message]).toEqual(['kubernetes.failed', expect.stringContaining(message)]);
  });

  it('survives frames on unknown channels and an end-of-stream frame of the server', async () => {
    const rig = await pod((socket) => {
      socket.send(Buffer.from([255, 1]));
      socket.send(frame(9, 'x'));
      socket.send(Buffer.alloc(0));
      socket.send(frame(3, SUCCESS));
      socket.close();
    });
    expect((await run(rig)).exitCode).toBe(0);
  });

  it.each([
    ['a handshake that is never answered', mute, {}, 200],
    ['a command that never ends', () => pod(() => undefined), { timeoutMs: 200 }, 20_000],
  ])('has a deadline for %s', async (_case, start, options, clientTimeoutMs) => {
    expect((await failure(run(await start(), options, clientTimeoutMs))).code).toBe('kubernetes.timeout');
  });

  it.each([
    [
      403,
      statusBody(403, 'Forbidden', 'pods "web" is forbidden: cannot create resource "pods/exec"'),
      'kubernetes.denied',
      'pods/exec',
    ],
    [
      404,
      statusBody(404, 'NotFound', 'pods "web" not found', { name: 'web' }),
      'kubernetes.failed',
      'pods "web" not found',
    ],
    [401, statusBody(401, 'Unauthorized', 'Unauthorized'), 'kubernetes.unauthorized', 'Unauthorized'],
    [200, '<html>login</html>', 'kubernetes.not-json', 'web page'],
  ])('refused with %d says what the answer said', async (status, body, code, message) => {
    const rig = await serve(() => undefined);
    rig.server.on('upgrade', (_request, socket: Socket) =>
      socket.end(
        `HTTP/1.1 ${status} X\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      ),
    );
    const error = await failure(run(rig));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it('keeps the first 4 MiB of a flood and says that there was more', async () => {
    const rig = await pod((socket) => {
      const block = frame(1, 'z'.repeat(1024 * 1024));
      let left = 50;
      const more = (): void => {
        if (left-- > 0) socket.send(block, more);
        else {
          socket.send(frame(3, SUCCESS));
          socket.close();
        }
      };
      more();
    });
    const result = await run(rig, { timeoutMs: 20_000 });
    expect([result.stdout.length, result.truncated, result.exitCode]).toEqual([4 * 1024 * 1024, true, 0]);
  });

  it('to a server that is gone is unreachable', async () => {
    expect(
      (await failure((await clientOf({ url: 'http://127.0.0.1:1' })).exec('team', 'web', undefined, ['ls']))).code,
    ).toBe('kubernetes.unreachable');
  });
});
