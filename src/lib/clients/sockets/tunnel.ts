import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { InfraError } from '../../errors.ts';
import { assertLoopback } from '../http/loopback.ts';
import { sshError } from '../ssh/errors.ts';
import { addressIn, assertHost, SSH_OPTIONS } from '../ssh/options.ts';
import type { Destination } from './client.ts';
import { socketError } from './errors.ts';

/** sshd lets ten wait to be let in (MaxStartups) and others want in too. */
const AT_ONCE = 4;
const KEPT = 64 * 1024;

/** Connections made by other hosts. */
export type Tunnels = { open(destination: Destination, from: string, shown: string): Promise<Duplex> };

/** What a tunnel needs; see `SocketsOptions`. */
type Options = { readonly loopbackOnly: boolean; readonly env: Readonly<Record<string, string | undefined>> };

/**
 * `ssh -W`: the host connects, its end comes out of ssh's stdin and stdout. Whether the connection stands is said in
 * debug lines only: "open confirm" and "open failed" of OpenSSH's channels.c.
 */
export function makeTunnels(options: Options): Tunnels {
  const running = new Set<Promise<unknown>>();
  return {
    async open(destination, from, shown) {
      assertHost(from);
      if (options.loopbackOnly) await assertLocal(from, options);
      while (running.size >= AT_ONCE) await Promise.race(running);
      const opening = dial(destination, from, shown, options);
      const settled: Promise<unknown> = opening.catch(() => undefined).finally(() => running.delete(settled));
      running.add(settled);
      return await opening;
    },
  };
}

async function dial(destination: Destination, from: string, shown: string, { env }: Options): Promise<Duplex> {
  const target = shown.startsWith('[') ? shown : `${destination.host}:${destination.port}`;
  const args = [...SSH_OPTIONS, '-o', 'LogLevel=DEBUG2', '-W', target, '--', from];
  const child = spawn('ssh', args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = (): void => {
    child.kill();
  };
  destination.signal?.addEventListener('abort', stop, { once: true });
  try {
    await opened(child, from, shown, destination.timeoutMs);
  } catch (error) {
    stop();
    destination.signal?.throwIfAborted();
    throw error;
  }
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.on('close', stop).on('error', stop);
  return stream;
}

function opened(child: ChildProcessWithoutNullStreams, from: string, shown: string, timeoutMs: number): Promise<void> {
  const state = { said: '' };
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      // It goes on talking; nobody listens, and nobody must wait for that.
      child.stderr.removeAllListeners('data').resume();
      if (error === undefined) resolve();
      else reject(error);
    };
    // ssh itself has to log in first.
    const late = socketError('sockets.timeout', shown, `not connected from ${from} in time`);
    const timer = setTimeout(() => settle(late), timeoutMs + 10_000);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      state.said = (state.said + text).slice(-KEPT);
      if (/open confirm/.test(state.said)) settle();
      const refusal = /open failed: ([^\r\n]*)/.exec(state.said)?.[1];
      if (refusal !== undefined) settle(refused(refusal, from, shown));
    });
    child.on('error', () => settle(new InfraError('ssh.failed', 'config', 'ssh could not be started: is it on PATH?')));
    child.on('close', () => settle(sshError(from, errorsIn(state.said))));
    child.stdin.on('error', () => undefined);
  });
}

const REFUSALS: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/connection refused/i, 'sockets.refused'],
  [/timed out/i, 'sockets.timeout'],
  [/no route to host/i, 'sockets.unreachable'],
  [/network is unreachable|cannot assign|address family/i, 'sockets.no-network'],
  [/not known|could not resolve|unknown host/i, 'sockets.unresolved'],
];

function refused(text: string, from: string, shown: string): InfraError {
  const words = text
    .replace(/^connect failed: /, '')
    .toLowerCase()
    .slice(0, 100);
  const code = REFUSALS.find(([pattern]) => pattern.test(text))?.[1] ?? 'sockets.failed';
  return socketError(code, shown, `${words}, asked from ${from}`);
}

/** What ssh says besides its debug lines. */
function errorsIn(said: string): string {
  return said
    .split('\n')
    .filter((line) => !/^debug\d|^OpenSSH_/.test(line))
    .join('\n');
}

async function assertLocal(from: string, { env }: Options): Promise<void> {
  const { stdout } = await promisify(execFile)('ssh', ['-G', '--', from], { env: { ...env }, timeout: 10_000 });
  assertLoopback(`ssh://${addressIn(stdout) ?? from}`, true);
}
