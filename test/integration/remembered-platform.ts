import { makeContext } from '../../src/lib/cli/context.ts';
import { diagnosisClients } from '../../src/lib/cli/diagnose-live.ts';
import type { Clock } from '../../src/lib/clients/clock/client.ts';
import { makeClock } from '../../src/lib/clients/clock/live.ts';
import { conclude } from '../../src/lib/diagnosis/conclude.ts';
import type { Diagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import { runProbes } from '../../src/lib/diagnosis/engine.ts';
import type { Ask } from '../../src/lib/diagnosis/probe.ts';
import { makeSeal } from '../../src/lib/diagnosis/redaction.ts';
import { InfraError } from '../../src/lib/errors.ts';
import { authentik } from '../../src/lib/runbooks/authentik/runbook.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { fakeHost } from '../fakes/host.ts';

/** Ways in which a question gets no answer. */
export const WAYS = ['forbidden', 'hang', 'empty', 'html', 'reset'] as const;
export type Way = (typeof WAYS)[number];

/** What is withheld, by question, and how long each answer takes. */
export type Mood = {
  readonly withheld?: Readonly<Record<string, Way>>;
  /** Milliseconds until the n-th answer. */
  readonly delay?: (nth: number) => number;
  /** Milliseconds of each probe; only what hangs takes as long. */
  readonly timeoutMs?: number;
};

/** A platform that was asked everything once and now says the same again, at once, at the same moment, unless it is moody. */
export type Remembered = {
  readonly questions: readonly string[];
  readonly diagnose: (mood?: Mood) => Promise<Diagnosis>;
};

type Client = Awaited<ReturnType<Ask['client']>>;
type Method = (...args: readonly unknown[]) => unknown;

/** Own calls of this machine: nobody can withhold those. */
const OWN = new Set(['clock', 'files', 'tokens']);

/** Asks a world of the sandbox everything, then lets it go. */
export async function remember(name: string): Promise<Remembered> {
  const answers = new Map<string, Promise<unknown>>();
  const sandbox = await startSandbox({ world: await loadWorld(name), authentik: true });
  const { host } = fakeHost();
  const context = makeContext(
    { ...host, env: sandbox.env, cwd: sandbox.repo, home: sandbox.env.HOME ?? '' },
    { repo: undefined, warn: () => {}, debug: () => {} },
  );
  const site = await context.site('read');
  const real = diagnosisClients(context);
  const made = new Map<string, Client>();
  const now = new Date();
  const wall = makeClock();
  const clock: Clock = { now: () => now, monotonic: () => 0, sleep: (ms, signal) => wall.sleep(ms, signal) };
  // Pauses of probes are manners towards servers, and here there are none.
  const hurried: Clock = { ...clock, sleep: async () => {} };

  const diagnose = async ({ withheld = {}, delay, timeoutMs = 100_000 }: Mood = {}): Promise<Diagnosis> => {
    const state = { nth: 0 };
    const answer = async (client: string, method: string, question: string, ask: () => unknown): Promise<unknown> => {
      const way = withheld[question];
      if (delay !== undefined) await wall.sleep(delay(state.nth++));
      if (way !== undefined) return await withhold(client, method, question, way);
      const known = answers.get(question) ?? settled(ask);
      answers.set(question, known);
      return await known;
    };
    const client: Ask['client'] = async (clientName) => {
      if (clientName === 'clock') return hurried as never;
      const found = made.get(clientName) ?? (await real(clientName));
      made.set(clientName, found);
      return (OWN.has(clientName) ? found : wrapped(clientName, found, answer)) as never;
    };
    const recorded = await runProbes(authentik, {
      ...{ client, clock, site, timeoutMs, options: {}, ignore: [], noExec: false, isKept: false },
      selected: authentik.probes.map(({ id }) => id),
      signal: new AbortController().signal,
      seal: makeSeal(new Uint8Array(32), host.redactor),
      onDefect: (id, thrown) => {
        throw new Error(`a defect in ${id}`, { cause: thrown });
      },
    });
    return conclude(authentik, recorded);
  };
  try {
    await diagnose();
  } finally {
    await sandbox.stop();
  }
  return { questions: [...answers.keys()], diagnose };
}

/** Everything that a call brings, also the lines of a stream. A refusal is remembered too. */
async function settled(ask: () => unknown): Promise<unknown> {
  const brought = ask();
  if (typeof brought !== 'object' || brought === null || !(Symbol.asyncIterator in brought)) return await brought;
  const lines: unknown[] = [];
  for await (const line of brought as AsyncIterable<unknown>) lines.push(line);
  return lines;
}

function wrapped(
  name: string,
  client: Client,
  answer: (client: string, method: string, question: string, ask: () => unknown) => Promise<unknown>,
): Client {
  return new Proxy(client, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function' || typeof key === 'symbol') return member;
      return (...args: readonly unknown[]): unknown => {
        const question = `${name}.${key} ${JSON.stringify(args, (field, value) => (field === 'signal' ? undefined : value))}`;
        const brought = answer(name, key, question, () => Reflect.apply(member as Method, target, args));
        return `${name}.${key}` === 'kubernetes.logs' ? streamOf(brought) : brought;
      };
    },
  });
}

async function* streamOf(brought: Promise<unknown>): AsyncIterable<unknown> {
  yield* (await brought) as readonly unknown[];
}

/** What the clients make of answers that are none: their own errors, or nothing at all. */
function withhold(client: string, method: string, question: string, way: Way): Promise<unknown> | unknown {
  if (way === 'hang') return new Promise(() => {});
  if (way === 'empty' && `${client}.${method}` in EMPTY) return EMPTY[`${client}.${method}`];
  // A page instead of an answer is an answer, to whoever asks for a page.
  if (way === 'html' && client === 'web')
    return {
      ...{ status: 200, headers: { 'content-type': 'text/html' }, setCookie: [], body: '<html></html>' },
      ms: 1,
    };
  if (way === 'forbidden' && client === 'http') return { status: 403, body: { detail: 'not for you' } };
  const endings = { forbidden: 'forbidden', empty: 'empty', html: 'malformed', reset: 'unreachable' } as const;
  const status = way === 'forbidden' ? 'denied' : 'unavailable';
  throw new InfraError(`${client}.${endings[way]}`, status, `${question.slice(0, 60)}: ${way}.`);
}

const EMPTY: Readonly<Record<string, unknown>> = {
  'kubernetes.list': [],
  'kubernetes.get': undefined,
  'kubernetes.logs': [],
  'kubernetes.exec': { exitCode: 0, stdout: '', stderr: '' },
  'web.get': { ...{ status: 200, headers: {}, setCookie: [], body: '', bodyCut: false }, ms: 1 },
  'dns.resolve': { state: 'no-data' },
  'http.json': { status: 200, body: undefined },
};
