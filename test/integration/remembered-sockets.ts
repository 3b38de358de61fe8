import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, Destination, Sockets } from '../../src/lib/clients/sockets/client.ts';

/** What one call of a connection came to, and how long it took. */
type Outcome = ({ readonly value: unknown } | { readonly error: unknown }) & { readonly ms: number };

/** A silence of this length is part of the answer: so a listener says that it waits for a PROXY header. */
const TELLING_MS = 2000;
type Script = { readonly begun: Outcome; readonly steps: Outcome[] };

/** Conversations by where they were held. What is no port of mail is never remembered. */
export type Memory = Map<string, Script>;

/**
 * Connections of which each is made once: who asks the same place again hears the same again, word by word. Twenty
 * seeds of a world differ in names, logs and objects, not in what its listeners say. `placeOf` names a destination
 * without its port, which is another one each time.
 */
export function rememberedSockets(
  real: Sockets,
  memory: Memory,
  placeOf: (to: Pick<Destination, 'host' | 'port'>) => string,
): Sockets {
  return {
    async connect(to) {
      const place = placeOf(to);
      const known = memory.get(place);
      if (known !== undefined) return replay(known);
      const script: Script = { begun: await outcomeOf(real.connect(to)), steps: [] };
      const connection = settle(script.begun) as Connection;
      return recording(connection, script, () => memory.set(place, script));
    },
  };
}

async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  const began = performance.now();
  const ms = (): number => performance.now() - began;
  try {
    return { value: await work, ms: ms() };
  } catch (error) {
    return { error, ms: ms() };
  }
}

function settle(outcome: Outcome | undefined): unknown {
  if (outcome === undefined) throw new Error('this was never asked before');
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/** Passes everything on and keeps it; what was cut short is not kept. */
function recording(connection: Connection, { steps }: Script, keep: () => void): Connection {
  const step = async <T>(work: Promise<T>): Promise<T> => {
    const outcome = await outcomeOf(work);
    steps.push(outcome);
    return settle(outcome) as T;
  };
  return {
    ...{ local: connection.local, remote: connection.remote },
    get sent() {
      return connection.sent;
    },
    get received() {
      return connection.received;
    },
    write: (bytes) => step(connection.write(bytes)),
    readLine: (request) => step(connection.readLine(request)),
    startTls: (request) => step(connection.startTls(request)),
    close() {
      keep();
      connection.close();
    },
  };
}

function replay({ begun, steps }: Script): Connection {
  const { local, remote } = settle(begun) as Connection;
  const state = { at: 0 };
  const next = async (): Promise<never> => {
    const step = steps[state.at++];
    if (step !== undefined && step.ms >= TELLING_MS) await delay(step.ms);
    return settle(step) as never;
  };
  return { local, remote, sent: 0, received: 0, write: next, readLine: next, startTls: next, close: () => {} };
}
