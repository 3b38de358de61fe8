import { InfraError, type StatusName } from '../../errors.ts';
import { makeRedactor } from '../../secrets/redaction.ts';
import { brokenFrom, ExchangeError } from '../http/exchange-error.ts';
import { list, object, text } from './shape.ts';

const LONGEST = 500;

/** Text from elsewhere as it may stand in a message: on one line, short, without anything secret-shaped. */
export function quoted(foreign: string): string {
  const line = makeRedactor().redact(foreign).replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line;
}

/** `kubernetes.bad-config` (78). */
export function badConfig(message: string, hints: readonly string[] = [], cause?: unknown): InfraError {
  return new InfraError('kubernetes.bad-config', 'config', message, {
    hints,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** No answer at all: the deadline passed, or the connection could not be made or broke. Holds nothing that was sent. */
export function noAnswer(tried: string, server: string, error: unknown): InfraError {
  if (error instanceof InfraError) return error;
  const broken = error instanceof ExchangeError ? error : brokenFrom(error);
  if (broken.failure === 'timeout') {
    return new InfraError('kubernetes.timeout', 'unavailable', `${tried} on ${server}: ${broken.message}.`);
  }
  const hints =
    broken.failure === 'tls'
      ? [
          "Check certificate-authority of the kubeconfig's cluster, and the clock; other authorities come from NODE_EXTRA_CA_CERTS.",
        ]
      : [`Check that ${server} is reachable from here.`];
  return new InfraError('kubernetes.unreachable', 'unavailable', `${tried} on ${server}: ${broken.message}.`, {
    hints,
  });
}

/** The deadline of one step passed. */
export function timedOut(tried: string, server: string, waitedFor: string, timeoutMs: number): InfraError {
  return new InfraError(
    'kubernetes.timeout',
    'unavailable',
    `${tried} on ${server}: no ${waitedFor} within ${timeoutMs} ms.`,
  );
}

/** An answer that is not the API's: a login page, a proxy's error, a broken document. */
export function notJson(tried: string, server: string, status: number, what: string): InfraError {
  return new InfraError('kubernetes.not-json', 'unavailable', `${tried} on ${server}: HTTP ${status}, ${what}.`, {
    hints: ['Something in front of the API server may have answered: check the server address in the kubeconfig.'],
  });
}

/** What a Status object says, or undefined when the text is not one. */
export function readStatus(
  body: string,
): { readonly message: string; readonly reason: string; readonly names: boolean } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined; // Not JSON: the caller says so.
  }
  const status = object(parsed);
  if (status.kind !== 'Status') return undefined;
  const details = object(status.details);
  const causes = list(details.causes).flatMap((cause) => text(object(cause).message) ?? []);
  const message = [
    text(status.message) ?? '',
    ...causes.filter((cause) => !String(status.message).includes(cause)),
  ].filter((part) => part !== '');
  return { message: message.join('; '), reason: text(status.reason) ?? '', names: text(details.name) !== undefined };
}

type Meaning = readonly [code: string, status: StatusName];
const MEANINGS: Readonly<Record<number, Meaning>> = {
  401: ['kubernetes.unauthorized', 'denied'],
  403: ['kubernetes.denied', 'denied'],
  409: ['kubernetes.conflict', 'busy'],
};

/** An answer of 300 and above as our error. HTML and redirects are never the API server's, whatever their status. */
export function refusal(tried: string, server: string, status: number, body: string): InfraError {
  if (/^\s*</.test(body)) return notJson(tried, server, status, 'a web page instead of an answer of the API');
  if (status < 300) return notJson(tried, server, status, 'an ordinary answer where a WebSocket was asked for');
  if (status < 400) return notJson(tried, server, status, 'a redirect, which an API server never sends');
  const said = readStatus(body);
  const [code, name] = MEANINGS[status] ?? (['kubernetes.failed', 'unavailable'] as const);
  const reason =
    said === undefined ? quoted(body) : [said.reason, quoted(said.message)].filter((part) => part !== '').join(': ');
  const hints = status === 401 ? ['Log in again: kubectl get ns shows what the cluster says.'] : [];
  return new InfraError(code, name, `${tried} on ${server}: HTTP ${status}${reason === '' ? '' : ` ${reason}`}.`, {
    hints,
  });
}
