import type { Clients } from '../../clients/clients.ts';
import type { Connection, Destination, TlsFacts } from '../../clients/sockets/client.ts';
import { isInfraError } from '../../errors.ts';
import type { Limits, Phase, Problem, TranscriptLine } from './report.ts';

/** The most that is kept of a conversation, and of one line of it. */
const MAX_TRANSCRIPT = 80;
const MAX_TEXT = 200;

/** Ends a conversation early: what is wrong is known. */
export class Stop extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** A server, line by line: every phase has its time, every line is kept as evidence. Throws `Stop`. */
export type Conversation = {
  readonly elapsedMs: number;
  readonly phases: readonly { readonly phase: Phase; readonly ms: number }[];
  readonly transcript: readonly TranscriptLine[];
  readonly phase: Phase;
  /** Begins a phase, with a budget for all that is read in it. */
  enter(phase: Phase, budgetMs: number): void;
  connect(to: Pick<Destination, 'host' | 'port' | 'signal' | 'from'>): Promise<Connection>;
  /** One command in one write. */
  say(line: string): Promise<void>;
  /** Bytes that are no text, told in the transcript by `shown`. */
  sendBytes(bytes: Uint8Array, shown: string): Promise<void>;
  /** The next line; a server that closes instead stops the conversation. */
  hear(): Promise<string>;
  startTls(serverName: string): Promise<TlsFacts>;
  stop(reason: string, detail: string): Stop;
  /** Ends the last phase and the connection. */
  end(): void;
};

/** Starts a conversation; nothing is sent or connected yet. */
export function makeConversation(clients: Pick<Clients, 'sockets' | 'clock'>, limits: Limits): Conversation {
  const { clock, sockets } = clients;
  const began = clock.monotonic();
  const since = (): number => Math.round(clock.monotonic() - began);
  const phases: { phase: Phase; ms: number; from: number }[] = [];
  const transcript: TranscriptLine[] = [];
  const state = { phase: 'connect' as Phase, until: 0, connection: undefined as Connection | undefined };

  const closePhase = (): void => {
    const last = phases.at(-1);
    if (last !== undefined && last.ms < 0) last.ms = since() - last.from;
  };
  const leftMs = (): number => Math.max(0, Math.min(state.until, limits.totalMs) - since());
  const note = (from: TranscriptLine['from'], text: string): void => {
    if (transcript.length < MAX_TRANSCRIPT) {
      transcript.push({ phase: state.phase, from, atMs: since(), text: visible(text) });
    }
  };
  const stop = (reason: string, detail: string): Stop => new Stop({ phase: state.phase, reason, detail });
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!isInfraError(error) || !/^(sockets|ssh)\./.test(error.code)) throw error;
      if (error.code.startsWith('ssh.')) throw stop('vantage', error.message.replace(/\.$/, ''));
      // The endpoint that the message begins with is told beside it.
      throw stop(error.code.slice('sockets.'.length), error.message.replace(/^\S+: |\.$/g, ''));
    }
  };
  const connected = (): Connection => {
    if (state.connection === undefined) throw new TypeError('Nothing is connected yet.');
    return state.connection;
  };

  return {
    get elapsedMs() {
      return since();
    },
    get phases() {
      return phases.map(({ phase, ms }) => ({ phase, ms }));
    },
    get phase() {
      return state.phase;
    },
    transcript,
    enter(phase, budgetMs) {
      closePhase();
      state.phase = phase;
      state.until = since() + budgetMs;
      phases.push({ phase, ms: -1, from: since() });
    },
    async connect(to) {
      const connection = await guarded(sockets.connect({ ...to, timeoutMs: limits.connectMs }));
      state.connection = connection;
      return connection;
    },
    async say(line) {
      note('infra', line);
      await guarded(connected().write(`${line}\r\n`));
    },
    async sendBytes(bytes, shown) {
      note('infra', shown);
      await guarded(connected().write(bytes));
    },
    async hear() {
      const line = await guarded(connected().readLine({ timeoutMs: leftMs(), maxBytes: limits.lineBytes }));
      if (line === undefined) throw stop('closed', 'the server closed the connection');
      note('server', line);
      return line;
    },
    startTls: (serverName) => guarded(connected().startTls({ serverName, timeoutMs: leftMs() })),
    stop,
    end() {
      closePhase();
      state.connection?.close();
    },
  };
}

/** What a line looks like on paper: nothing that moves a cursor; mostly binary is only counted. */
function visible(text: string): string {
  const odd = [...text].filter((char) => !/[\x20-\x7e]/.test(char)).length;
  if (odd * 4 > text.length) return `(${text.length} bytes that are no text)`;
  const shown = text.replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return shown.length <= MAX_TEXT ? shown : `${shown.slice(0, MAX_TEXT)}… (${text.length} bytes)`;
}
