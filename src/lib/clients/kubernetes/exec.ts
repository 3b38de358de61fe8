import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { InfraError } from '../../errors.ts';
import type { ExecResult, Kubernetes } from './client.ts';
import { noAnswer, quoted, refusal, timedOut } from './errors.ts';
import { PODS } from './kinds.ts';
import { pathOf } from './objects.ts';
import { list, object, text } from './shape.ts';
import { readBody, type Transport } from './transport.ts';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;
const KEEP = 4 * 1024 * 1024;
const MAX_FRAME = 16 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Runs one command in a container over the WebSocket channel protocol (k8s.io/apimachinery
 * pkg/util/remotecommand). Of each stream the first 4 MiB are kept. A connection that closes without the status of
 * the command is an error: nobody knows how it ended.
 */
export function makeExec(connect: () => Promise<Transport>): Pick<Kubernetes, 'exec'> {
  return {
    async exec(namespace, pod, container, command, options = {}) {
      const transport = await connect();
      const query = new URLSearchParams({ stdout: 'true', stderr: 'true' });
      if (options.stdin !== undefined) query.set('stdin', 'true');
      if (container !== undefined) query.set('container', container);
      for (const word of command) query.append('command', word);
      const tried = `run ${command[0] ?? 'nothing'} in ${pod} in ${namespace}`;
      const { WebSocket } = await import('./ws-shim.ts');
      const { url, headers, agent } = await transport.upgrade(`${pathOf(PODS, namespace, pod)}/exec`, query);
      const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      // ws passes arrays of header values on to node:http; its types know only single ones.
      const wsHeaders = headers as Record<string, string>;
      const socket = new WebSocket(url, PROTOCOLS, {
        headers: wsHeaders,
        agent,
        perMessageDeflate: false,
        maxPayload: MAX_FRAME,
      });
      return talk(socket, { tried, transport, timeoutMs, stdin: options.stdin });
    },
  };
}

type Talk = {
  readonly tried: string;
  readonly transport: Transport;
  readonly timeoutMs: number;
  readonly stdin: string | undefined;
};

function talk(socket: WebSocket, { tried, transport, timeoutMs, stdin }: Talk): Promise<ExecResult> {
  const { server } = transport;
  const stdout = keeper();
  const stderr = keeper();
  const status: Buffer[] = [];
  return new Promise<ExecResult>((resolve, reject) => {
    let handshake: NodeJS.Timeout | undefined;
    const settle = (work: () => void): void => {
      clearTimeout(handshake);
      clearTimeout(deadline);
      socket.terminate();
      work();
    };
    const fail = (error: InfraError): void => settle(() => reject(error));
    const deadline = setTimeout(() => fail(timedOut(tried, server, 'end', timeoutMs)), timeoutMs);
    handshake = setTimeout(
      () => fail(timedOut(tried, server, 'answer', transport.timeoutMs)),
      Math.min(transport.timeoutMs, timeoutMs),
    );
    // Errors after the end (of `terminate` itself) must have a listener, and must not count.
    socket.on('error', (error) => fail(noAnswer(tried, server, error)));
    socket.once('unexpected-response', (_request: unknown, response: IncomingMessage) => {
      readBody(response, { tried }, server, transport.timeoutMs).then(
        (body) => fail(refusal(tried, server, response.statusCode ?? 0, body)),
        fail,
      );
    });
    socket.once('open', () => {
      clearTimeout(handshake);
      if (stdin === undefined) return;
      if (socket.protocol !== PROTOCOLS[0])
        return fail(
          failed(`${tried} on ${server}: the cluster is too old to end a command's input (${socket.protocol}).`),
        );
      socket.send(Buffer.concat([Buffer.from([CHANNEL.stdin]), Buffer.from(stdin)]));
      socket.send(Buffer.from([CHANNEL.close, CHANNEL.stdin]));
    });
    socket.on('message', (data) => {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
      const content = bytes.subarray(1);
      if (bytes[0] === CHANNEL.stdout) stdout.add(content);
      else if (bytes[0] === CHANNEL.stderr) stderr.add(content);
      else if (bytes[0] === CHANNEL.status) status.push(content);
    });
    socket.once('close', (code) => {
      const said = Buffer.concat(status).toString('utf8');
      if (said === '')
        return fail(
          failed(`${tried} on ${server}: the connection closed (${code}) without saying how the command ended.`),
        );
      const exitCode = exitCodeOf(said);
      if (exitCode instanceof InfraError) return fail(exitCode);
      const truncated = stdout.cut() || stderr.cut();
      settle(() =>
        resolve({ exitCode, stdout: stdout.text(), stderr: stderr.text(), ...(truncated ? { truncated } : {}) }),
      );
    });

    function exitCodeOf(said: string): number | InfraError {
      let parsed: unknown;
      try {
        parsed = JSON.parse(said);
      } catch {
        return failed(`${tried} on ${server}: the status of the command is not JSON.`);
      }
      const result = object(parsed);
      if (result.status === 'Success') return 0;
      const causes = list(object(result.details).causes).map(object);
      const code = Number(causes.find((cause) => cause.reason === 'ExitCode')?.message);
      if (result.reason === 'NonZeroExitCode' && Number.isInteger(code)) return code;
      return failed(
        `${tried} on ${server}: ${quoted(text(result.message) ?? text(result.reason) ?? 'it failed without a reason')}.`,
      );
    }
  });
}

function failed(message: string): InfraError {
  return new InfraError('kubernetes.failed', 'unavailable', message);
}

/** Keeps the first bytes of a stream and drops the rest, so that memory stays bounded however much arrives. */
function keeper() {
  const chunks: Buffer[] = [];
  let room = KEEP;
  let cut = false;
  return {
    add(chunk: Buffer) {
      if (chunk.length > room) cut = true;
      const kept = chunk.subarray(0, room);
      room -= kept.length;
      if (kept.length > 0) chunks.push(Buffer.from(kept));
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
    cut: () => cut,
  };
}
