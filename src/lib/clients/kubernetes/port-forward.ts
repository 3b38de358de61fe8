import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { InfraError } from '../../errors.ts';
import type { Kubernetes } from './client.ts';
import { noAnswer, quoted, refusal, timedOut } from './errors.ts';
import { PODS } from './kinds.ts';
import { pathOf } from './objects.ts';
import { readBody, type Transport } from './transport.ts';

const PROTOCOL = 'v4.channel.k8s.io';
/** One port: two channels, each begun by the server with the port's number, two bytes, the lower one first. */
const CHANNEL = { data: 0, error: 1 } as const;
const PORT_BYTES = 2;
const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_FRAME = 16 * 1024 * 1024;

/**
 * A connection to a port inside a pod, over the WebSocket channel protocol (kubelet,
 * pkg/kubelet/cri/streaming/portforward/websocket.go; the API server hands it through).
 */
export function makePortForward(connect: () => Promise<Transport>): Pick<Kubernetes, 'portForward'> {
  return {
    async portForward(namespace, pod, port, options = {}) {
      const transport = await connect();
      const query = new URLSearchParams({ ports: String(port) });
      const tried = `forward port ${port} of ${pod} in ${namespace}`;
      const { WebSocket } = await import('./ws-shim.ts');
      const { url, headers, agent } = await transport.upgrade(`${pathOf(PODS, namespace, pod)}/portforward`, query);
      // The kubelet, to whom the API server hands this through, answers 406 to whoever accepts JSON only. And ws passes
      // arrays of header values on to node:http; its types know only single ones.
      const wsHeaders = { ...headers, accept: '*/*' } as Record<string, string>;
      const settings = { headers: wsHeaders, agent, perMessageDeflate: false, maxPayload: MAX_FRAME };
      const socket = new WebSocket(url, [PROTOCOL], settings);
      return await opened(socket, transport, tried, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    },
  };
}

/** Resolves once the pod's side says which port it is; whatever else comes first is an error. */
function opened(socket: WebSocket, transport: Transport, tried: string, timeoutMs: number): Promise<Duplex> {
  const { server } = transport;
  const stream = streamOver(socket, (said) => failed(`${tried} on ${server}: ${said}.`));
  return new Promise<Duplex>((resolve, reject) => {
    const end = (error: InfraError): void => {
      clearTimeout(deadline);
      stream.destroy();
      reject(error);
    };
    const deadline = setTimeout(() => end(timedOut(tried, server, 'answer', timeoutMs)), timeoutMs);
    // After the end, errors (of `terminate` itself too) are the stream's.
    stream.once('error', (error) => end(error instanceof InfraError ? error : noAnswer(tried, server, error)));
    socket.once('unexpected-response', (_request: unknown, response: IncomingMessage) => {
      readBody(response, { tried }, server, transport.timeoutMs).then(
        (body) => end(refusal(tried, server, response.statusCode ?? 0, body)),
        end,
      );
    });
    stream.once('forwarding', () => {
      clearTimeout(deadline);
      resolve(stream);
    });
  });
}

/** The data channel as a stream; a message on the error channel ends it with that error. */
function streamOver(socket: WebSocket, failure: (said: string) => InfraError): Duplex {
  const headed = new Set<number>();
  const stream = new Duplex({
    // Like a socket: when the other side has ended, so has this one.
    allowHalfOpen: false,
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      socket.send(Buffer.concat([Buffer.from([CHANNEL.data]), chunk]), done);
    },
    final: (done) => {
      socket.close(1000);
      done();
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on('error', (error) => stream.destroy(error));
  socket.on('message', (data) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
    const channel = bytes[0] ?? CHANNEL.error;
    const content = headed.has(channel) ? bytes.subarray(1) : bytes.subarray(1 + PORT_BYTES);
    const isFirst = !headed.has(channel);
    headed.add(channel);
    if (channel === CHANNEL.error && content.length > 0) {
      stream.destroy(failure(quoted(content.toString('utf8'))));
      return;
    }
    if (channel !== CHANNEL.data) return;
    if (isFirst) stream.emit('forwarding');
    if (content.length > 0 && !stream.push(Buffer.from(content))) socket.pause();
  });
  socket.once('close', (code) => {
    if (headed.has(CHANNEL.data)) stream.push(null);
    else stream.destroy(failure(`the connection closed (${code}) before anything was forwarded`));
  });
  return stream;
}

function failed(message: string): InfraError {
  return new InfraError('kubernetes.failed', 'unavailable', message);
}
