import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { clientOf, failure, type Rig, serve, statusBody, TOKEN } from './rig.ts';

const frame = (channel: number, ...bytes: readonly (string | number[])[]): Buffer =>
  Buffer.concat([Buffer.from([channel]), ...bytes.map((one) => Buffer.from(one as string))]);
/** 8443, the lower byte first: how each channel begins. */
const PORT = [0xfb, 0x20];

/** A pod whose port is played by `play`. */
async function pod(play: (socket: WebSocket) => void): Promise<Rig> {
  const rig = await serve((_request, response) => void response.writeHead(500).end());
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v4.channel.k8s.io' });
  rig.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    rig.seen.push(request);
    sockets.handleUpgrade(request, socket, head, play);
  });
  return rig;
}

const forward = async (rig: Rig, timeoutMs = 5000) =>
  (await clientOf(rig)).portForward('team', 'web', 8443, { timeoutMs });

test('asks for the port by its number, with the credentials of the cluster', async () => {
  const rig = await pod((socket) => {
    socket.send(frame(0, PORT));
    socket.send(frame(1, PORT));
    socket.once('message', (data: Buffer) => {
      socket.send(frame(0, `you said ${data.subarray(1)} on ${data[0]}`));
      socket.close(1000);
    });
  });
  const stream = await forward(rig);
  stream.write('hello');
  expect(await text(stream)).toBe('you said hello on 0');
  const url = new URL(rig.seen[0]?.url ?? '', rig.url);
  expect(url.pathname).toBe('/api/v1/namespaces/team/pods/web/portforward');
  expect(url.searchParams.getAll('ports')).toEqual(['8443']);
  expect(rig.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  // A kubelet answers 406 to whoever takes JSON only.
  expect(rig.seen[0]?.headers.accept).toBe('*/*');
  expect(rig.seen[0]?.headers['sec-websocket-protocol']).toBe('v4.channel.k8s.io');
});

test('data in the first message, behind the number of the port, counts', async () => {
  const rig = await pod((socket) => {
    socket.send(frame(1, PORT));
    socket.send(frame(0, PORT, 'early'));
    socket.close(1000);
  });
  expect(await text(await forward(rig))).toBe('early');
});

test('what the pod’s side complains of is the error', async () => {
  const refused = await pod((socket) => {
    socket.send(frame(0, PORT));
    socket.send(frame(1, PORT));
    socket.send(frame(1, 'error forwarding port 8443: connection refused'));
  });
  const stream = await forward(refused);
  const error = await failure(text(stream));
  expect(error).toMatchObject({ code: 'kubernetes.failed', message: expect.stringContaining('connection refused') });
});

test('a refusal before it stands is what the server says', async () => {
  const rig = await serve((_request, response) => void response.end());
  rig.server.on('upgrade', (_request, socket: Socket) => {
    const body = statusBody(403, 'Forbidden', 'pods "web" is forbidden: cannot get resource "pods/portforward"');
    socket.end(
      `HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  expect(await failure(forward(rig))).toMatchObject({ code: 'kubernetes.denied' });
});

test('a side that says nothing, or closes at once, ends in time', async () => {
  const mute = await pod(() => {});
  expect(await failure(forward(mute, 50))).toMatchObject({ code: 'kubernetes.timeout' });
  const closing = await pod((socket) => socket.close(1000));
  expect(await failure(forward(closing))).toMatchObject({ code: 'kubernetes.failed' });
});
