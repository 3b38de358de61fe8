import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { fits } from './logs.ts';

/** What listens inside pods: a port of theirs, and the one of this machine that stands for it. */
export type ListeningPort = {
  readonly namespace: string;
  /** May end in `*`. */
  readonly pod: string;
  readonly port: number;
  readonly to: number;
};

/** Where to connect to. */
export type ForwardRequest = { readonly namespace: string; readonly pod: string; readonly port: number };

const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const ERROR = 1;

/** Takes over a connection and hands its data channel on, as the kubelet does for one port. */
export function forwardUpgrade(listening: readonly ListeningPort[], asked: ForwardRequest) {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  return (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    server.handleUpgrade(request, socket, head, (ws) => forward(ws, listening, asked));
  };
}

function forward(ws: WebSocket, listening: readonly ListeningPort[], { namespace, pod, port }: ForwardRequest): void {
  const number = Buffer.alloc(2);
  number.writeUInt16LE(port);
  // Each channel begins with the number of its port.
  for (const channel of [DATA, ERROR]) ws.send(Buffer.concat([Buffer.from([channel]), number]));
  const found = listening.find((one) => one.namespace === namespace && one.port === port && fits(one.pod, pod));
  const refuse = (): void => {
    const why = `dial tcp4 127.0.0.1:${port}: connect: connection refused`;
    const text = `error forwarding port ${port} to pod ${pod}: failed to connect to localhost:${port} inside namespace "${namespace}": ${why}`;
    ws.send(Buffer.concat([Buffer.from([ERROR]), Buffer.from(text)]));
    ws.close(1000);
  };
  if (found === undefined) {
    refuse();
    return;
  }
  const inside = connect(found.to, '127.0.0.1');
  inside.on('error', refuse);
  inside.on('data', (bytes: Buffer) => ws.send(Buffer.concat([Buffer.from([DATA]), bytes])));
  inside.on('close', () => ws.close(1000));
  ws.on('message', (data: Buffer) => {
    if (data[0] === DATA) inside.write(data.subarray(1));
  });
  ws.on('close', () => inside.destroy());
}
