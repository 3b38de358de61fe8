import { InfraError, type StatusName } from '../../errors.ts';
import type { Exchanged } from '../http/exchange.ts';
import type { ExchangeError } from '../http/exchange-error.ts';
import { type Answer, errorsOf, parseBody, type Question } from './answer.ts';

/** Vault's texts that mean something of their own; they are matched here and nowhere else. */
const CAS_LOST = /check-and-set parameter did not match the current version/;
const SEALED = /Vault is sealed/;
const UNINITIALISED = /not (yet )?initialized/;
const NO_ACTIVE_NODE = /local node not active|node is in standby|cannot forward|no active node/i;
const BAD_TOKEN = /invalid token|bad token|token is expired/;
const MISSING_TOKEN = /missing client token/;

/** True for a 503 that says that Vault is sealed: waiting does not help, so it is not retried. */
export function isSealed(answer: Exchanged): boolean {
  return answer.status === 503 && errorsOf(parseBody(answer)).some((text) => SEALED.test(text));
}

/** Turns an answer into JSON or into our error. A 404 that names no error comes back as an answer: nothing is there. */
export function readAnswer(answer: Exchanged, question: Question, address: string): Answer {
  const { status } = answer;
  if (status >= 300 && status < 400) throw redirected(answer, question, address);
  if (status === 204 || (status === 200 && answer.text === '')) return { status, body: undefined, text: '' };
  // Vault's answer to a patch of a secret that was never written (1.18).
  if (status === 404 && answer.text === '' && question.verb === 'patch') return { status, body: undefined, text: '' };
  const body = parseBody(answer);
  const errors = errorsOf(body);
  if (body !== undefined && (status === 200 || (status === 404 && errors.length === 0))) {
    return { status, body, text: answer.text ?? '' };
  }
  throw refusal(answer, body === undefined ? undefined : errors, question, address);
}

/** `errors` is undefined when the body is not Vault's JSON: then something in front of Vault may have answered. */
function refusal(
  answer: Exchanged,
  errors: readonly string[] | undefined,
  question: Question,
  address: string,
): InfraError {
  const { status } = answer;
  const what = `Vault at ${address}: ${question.verb} ${question.path}`;
  if (status === 429) {
    const wait = answer.headers['retry-after'];
    return failure('vault.rate-limited', `${what} was refused because of too many requests (429).`, [
      wait === undefined ? 'Try again later.' : `Try again after ${wait} (Retry-After).`,
    ]);
  }
  if (status === 405 || status === 415) {
    return failure('vault.method-not-allowed', `${what} is not supported here (${status}${said(errors)}).`);
  }
  if (errors === undefined && /json/.test(answer.headers['content-type'] ?? '') && answer.text !== '') {
    return failure('vault.not-json', `${what} was answered ${status} with JSON that is cut off or malformed.`, [
      'Something between here and Vault has cut or changed the answer.',
      'vault status',
    ]);
  }
  if (errors === undefined) {
    return failure('vault.not-json', `${what} was answered ${status} with ${kindOf(answer)} instead of Vault's JSON.`, [
      'A proxy in front of Vault, or its login page, has answered. Is the address right?',
    ]);
  }
  return known(status, errors, question, what) ?? failure('vault.failed', `${what} failed (${status}${said(errors)}).`);
}

function known(status: number, errors: readonly string[], question: Question, what: string): InfraError | undefined {
  const some = (pattern: RegExp): boolean => errors.some((text) => pattern.test(text));
  if (some(MISSING_TOKEN)) return noToken(`${what} needs a token, and none arrived.`);
  if (status === 403) return denied(errors, question, what, some(BAD_TOKEN));
  if (some(CAS_LOST)) return casLost(`${question.path} was changed by somebody else since it was read.`);
  if (some(UNINITIALISED)) return uninitialised(what);
  if (some(SEALED)) return sealed(what);
  if (some(NO_ACTIVE_NODE) || status === 472 || status === 473) {
    return failure(
      'vault.standby',
      `${what} reached a standby node that knows no active one (${status}${said(errors)}).`,
      ['vault status'],
    );
  }
  if (status === 404) {
    return failure('vault.failed', `${what} failed: no engine answers at that path (404${said(errors)}).`, [
      'vault secrets list',
      'vault auth list',
    ]);
  }
  return undefined;
}

function denied(errors: readonly string[], question: Question, what: string, badToken: boolean): InfraError {
  if (badToken) {
    return new InfraError(
      'vault.denied',
      'denied',
      `${what} was refused: the token is not valid, or it has expired (403).`,
      {
        hints: ['vault login', 'vault token lookup'],
      },
    );
  }
  return new InfraError('vault.denied', 'denied', `${what} was refused (403${said(errors)}).`, {
    hints: [`vault token capabilities ${question.path}`],
  });
}

/** No answer at all. `writes`: the request would have changed something. */
export function unanswered(error: ExchangeError, question: Question, address: string, writes: boolean): InfraError {
  const unsure = writes && error.sent ? ' Whether it was carried out is not known: read before writing again.' : '';
  const message = `Vault at ${address}: ${question.verb} ${question.path} got no answer: ${error.message}.${unsure}`;
  if (error.failure === 'timeout') return failure('vault.timeout', message);
  if (error.failure === 'malformed') return failure('vault.not-json', message);
  if (error.failure === 'too-large') return failure('vault.failed', message);
  const hints =
    error.failure === 'tls'
      ? ['export VAULT_CACERT=/path/to/ca.pem', 'export VAULT_TLS_SERVER_NAME=NAME']
      : ['vault status'];
  return failure('vault.unreachable', message, hints);
}

/** An answer that is JSON but not what this call answers: another program, or another version of it. */
export function unexpected(question: Question, address: string, missing: string): InfraError {
  return failure(
    'vault.failed',
    `Vault at ${address}: ${question.verb} ${question.path} was answered without ${missing}.`,
  );
}

/** A compare-and-set that lost, or whose secret is gone. */
export function casLost(message: string): InfraError {
  return new InfraError('vault.cas-lost', 'busy', message, { hints: ['Read it again and decide anew.'] });
}

/** No usable token. */
export function noToken(
  message: string,
  hints: readonly string[] = ['vault login', 'export VAULT_TOKEN=…'],
): InfraError {
  return new InfraError('vault.no-token', 'denied', message, { hints });
}

/** Vault has never been initialised. */
export function uninitialised(what: string): InfraError {
  return failure('vault.uninitialised', `${what} failed: Vault is not initialised.`, ['vault operator init']);
}

function sealed(what: string): InfraError {
  return failure('vault.sealed', `${what} failed: Vault is sealed.`, ['vault status', 'vault operator unseal']);
}

function redirected(answer: Exchanged, question: Question, address: string): InfraError {
  const location = answer.headers.location;
  const target =
    location !== undefined && URL.canParse(location, address) ? new URL(location, address).origin : 'nowhere';
  const message = `Vault at ${address}: ${question.verb} ${question.path} was redirected to ${target} (${answer.status}); the token is not sent there.`;
  return failure('vault.redirected', message, [
    'A standby node points to the active one that way, a proxy to its login page.',
    'export VAULT_ADDR=… to the address that answers itself',
  ]);
}

function kindOf(answer: Exchanged): string {
  if (answer.text === '') return 'an empty body';
  return answer.headers['content-type'] ?? 'a body of no type';
}

/** Vault's own words, at most 300 characters of them. */
function said(errors: readonly string[] | undefined): string {
  const text = (errors ?? []).join('; ');
  if (text === '') return '';
  return `: ${text.length > 300 ? `${text.slice(0, 300)}…` : text}`;
}

function failure(code: string, message: string, hints: readonly string[] = []): InfraError {
  const status: StatusName = 'unavailable';
  return new InfraError(code, status, message, { hints });
}
