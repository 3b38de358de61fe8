import type { Secret } from '../../secrets/secret.ts';
import type { Clock } from '../clock/client.ts';
import type { Exchanged } from '../http/exchange.ts';
import { ExchangeError } from '../http/exchange-error.ts';
import { type Answer, parseBody, type Question } from './answer.ts';
import { isSealed, readAnswer, unanswered, uninitialised } from './errors.ts';
import type { Api, CallOptions } from './node-vault.ts';
import { type RetryOn, retryRead } from './retry.ts';

/** One call: what to say about it, its encoded path, and its body. `writes` is false where a POST only asks something. */
export type Call = Question & { readonly url: string; readonly body?: string; readonly writes: boolean };

/** How calls are made. `apiFor` gives the client of a token; undefined means no token and no namespace. */
export type CallerOptions = {
  readonly address: string;
  readonly apiFor: (token: Secret | undefined) => Promise<Api>;
  readonly clock: Pick<Clock, 'sleep' | 'now'>;
  readonly signal: AbortSignal | undefined;
};

/** Makes one call and translates what comes back. Errors: see the contract in client.ts. */
export async function makeCall(call: Call, token: Secret | undefined, options: CallerOptions): Promise<Answer> {
  const answer = await ask(call, token, options);
  if (isSealed(answer)) await tellUninitialised(call, options);
  return readAnswer(answer, call, options.address);
}

/** The answer as it came, with retries for reads as `retryOn` says. Errors: `vault.unreachable`, `vault.timeout`, `vault.not-json`. */
export async function ask(
  call: Call,
  token: Secret | undefined,
  options: CallerOptions,
  retryOn: RetryOn = 'status',
): Promise<Exchanged> {
  const api = await options.apiFor(token);
  try {
    if (call.writes) return await send(api, call);
    return await retryRead(() => send(api, call), retryOn, options.clock, options.signal);
  } catch (error) {
    if (error instanceof ExchangeError) throw unanswered(error, call, options.address, call.writes);
    throw error;
  }
}

function send(api: Api, call: Call): Promise<Exchanged> {
  const options: CallOptions = { writes: call.writes };
  const body = { text: call.body ?? '' };
  if (call.verb === 'read' && call.body === undefined) return api.read(call.url, options);
  // LIST is not a method that every proxy lets through; Vault takes this for it.
  if (call.verb === 'list') return api.read(`${call.url}?list=true`, options);
  return call.verb === 'patch' ? api.update(call.url, body, options) : api.write(call.url, body, options);
}

/** A Vault that was never initialised says that it is sealed; only its health tells the two apart. */
async function tellUninitialised(call: Call, options: CallerOptions): Promise<void> {
  const api = await options.apiFor(undefined);
  const health = await api.read('sys/health', { writes: false }).catch((error: unknown) => {
    if (error instanceof ExchangeError) return undefined;
    throw error;
  });
  const body = health === undefined ? undefined : parseBody(health);
  if (body?.initialized === false) throw uninitialised(`Vault at ${options.address}: ${call.verb} ${call.path}`);
}
