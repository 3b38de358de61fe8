import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Answer } from '../http/exchange.ts';
import { fits } from './logs.ts';

/**
 * What a command in a container answers. `command` is compared word by word; a last word `*` stands for the rest.
 * Patterns of pods may end in `*`. The first one that fits answers.
 */
export type ExecAnswer = {
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly command: readonly string[];
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  readonly delayMs?: number;
  /** Works the answer out when it is asked for, instead of `stdout`, `stderr` and `exitCode`. */
  readonly run?: (command: readonly string[]) => {
    readonly stdout: string;
    readonly stderr: string;
    readonly exitCode: number;
  };
  /** Gives back what comes in on stdin until it ends. */
  readonly echo?: boolean;
  /** `no-status` closes the socket without a status, `hang` never ends. */
  readonly breaks?: 'no-status' | 'hang';
};

/** Where and what to execute. */
export type ExecRequest = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
};

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const CLOSE = 255;

/** Takes over a connection and plays the command over the WebSocket channel protocol. */
export function execUpgrade(answers: readonly ExecAnswer[], asked: ExecRequest) {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });
  return (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    server.handleUpgrade(request, socket, head, (ws) => {
      play(ws, answers, asked).catch((error: unknown) => {
        ws.close(1011, error instanceof Error ? error.message.slice(0, 120) : 'stand-in failed');
      });
    });
  };
}

/** Refuses an upgrade with an ordinary HTTP answer. */
export function refuseUpgrade(socket: Socket, answer: Answer): void {
  const body = typeof answer.body === 'string' ? answer.body : '';
  const head = [
    `HTTP/1.1 ${answer.status} Refused`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

async function play(ws: WebSocket, answers: readonly ExecAnswer[], asked: ExecRequest): Promise<void> {
  const found = answers.find(
    (each) =>
      (each.namespace === undefined || each.namespace === asked.namespace) &&
      fits(each.pod, asked.pod) &&
      (each.container === undefined || each.container === asked.container) &&
      sameCommand(each.command, asked.command),
  );
  if (found === undefined) {
    finish(ws, notExecutable(asked.command[0] ?? ''));
    return;
  }
  const answer = { ...found, ...found.run?.(asked.command) };
  if (answer.delayMs !== undefined) await sleep(answer.delayMs);
  if (answer.echo === true) await echo(ws);
  send(ws, STDOUT, answer.stdout ?? '');
  send(ws, STDERR, answer.stderr ?? '');
  if (answer.breaks === 'hang') return;
  if (answer.breaks === 'no-status') ws.close(1000);
  else finish(ws, statusOf(answer.exitCode ?? 0));
}

function sameCommand(wanted: readonly string[], asked: readonly string[]): boolean {
  const open = wanted.at(-1) === '*';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  if (open ? asked.length < fixed.length : asked.length !== fixed.length) return false;
  return fixed.every((word, position) => word === asked[position]);
}

function echo(ws: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    ws.on('message', (data: Buffer) => {
      if (data[0] === STDIN) send(ws, STDOUT, data.subarray(1).toString('utf8'));
      if (data[0] === CLOSE) resolve();
    });
    ws.once('close', () => resolve());
  });
}

function send(ws: WebSocket, channel: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 32_768) {
    ws.send(Buffer.concat([Buffer.from([channel]), bytes.subarray(at, at + 32_768)]));
  }
}

function finish(ws: WebSocket, status: Record<string, unknown>): void {
  send(ws, STATUS, JSON.stringify(status));
  ws.close(1000);
}

function statusOf(exitCode: number): Record<string, unknown> {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command, exit code ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function notExecutable(program: string): Record<string, unknown> {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown`,
    reason: 'InternalError',
    details: { causes: [{ message: `exec: "${program}": executable file not found in $PATH` }] },
    code: 500,
  };
}
