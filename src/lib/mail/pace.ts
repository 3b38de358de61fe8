import type { Clock } from '../clients/clock/client.ts';
import type { Files } from '../clients/files/client.ts';

/**
 * Connections to one listener within a minute. The server's own limit is 10 a client (smtpd_client_connection_rate_limit of
 * the site's Postfix); others behind the same address want some of them too.
 */
export const MAX_A_MINUTE = 8;
export const MINUTE_MS = 60_000;

/** Waits until a connection to a listener is welcome. `say` gets a line before a wait. */
export type Pacer = { turn(listener: string, signal?: AbortSignal): Promise<void> };

/** Counts connections by listener for one run. */
export function makePacer(clock: Clock, say: (line: string) => void): Pacer {
  const times = new Map<string, number[]>();
  const queues = new Map<string, Promise<void>>();
  const next = async (listener: string, signal: AbortSignal | undefined): Promise<void> => {
    const past = times.get(listener) ?? [];
    const blocking = past.length < MAX_A_MINUTE ? undefined : past.at(-MAX_A_MINUTE);
    const waitMs = blocking === undefined ? 0 : blocking + MINUTE_MS - clock.monotonic();
    if (waitMs > 0) {
      say(
        `Waiting ${Math.ceil(waitMs / 1000)} s: ${MAX_A_MINUTE} connections to ${listener} within this minute are enough.`,
      );
      await clock.sleep(waitMs, signal);
    }
    times.set(listener, [...past, clock.monotonic()]);
  };
  return {
    turn(listener, signal) {
      const mine = (queues.get(listener) ?? Promise.resolve()).then(() => next(listener, signal));
      queues.set(
        listener,
        // Whoever waits behind is not to fail for another one's reason.
        mine.catch(() => undefined),
      );
      return mine;
    },
  };
}

/** The file in the state folder that says when which server was last asked. */
export const STAMPS = 'mail-check-ports.json';

/**
 * Waits until a minute has passed since the last run from this machine against the same server, and marks the beginning
 * of this one. A file that says nonsense says nothing: the mark is an aid.
 */
export async function afterLastRun(
  clients: { readonly clock: Clock; readonly files: Pick<Files, 'read' | 'writeAtomic'> },
  file: string,
  server: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { clock, files } = clients;
  const since = clock.now().getTime() - (stampsIn(await files.read(file))[server] ?? 0);
  if (since >= 0 && since < MINUTE_MS) {
    const waitMs = MINUTE_MS - since;
    say(
      `Waiting ${Math.ceil(waitMs / 1000)} s: ${server} was asked less than a minute ago, and it limits connections.`,
    );
    await clock.sleep(waitMs, signal);
  }
  const stamps = { ...stampsIn(await files.read(file)), [server]: clock.now().getTime() };
  await files.writeAtomic(file, `${JSON.stringify(stamps)}\n`, 0o600);
}

function stampsIn(text: string | undefined): Readonly<Record<string, number>> {
  try {
    const data: unknown = JSON.parse(text ?? '{}');
    if (typeof data !== 'object' || data === null) return {};
    return Object.fromEntries(Object.entries(data).filter(([, at]) => typeof at === 'number'));
  } catch {
    return {};
  }
}
