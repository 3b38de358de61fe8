import type { Clients } from '../clients/clients.ts';
import type { HttpAnswer, HttpRequest } from '../clients/http/client.ts';
import { InfraError } from '../errors.ts';
import type { Secret } from '../secrets/secret.ts';

/** One optional API of the platform, ready to be asked. `name` stands in messages, `code` begins the error codes. */
export type JsonApi = {
  readonly name: string;
  readonly code: string;
  /** Address that paths are put behind, without a slash at the end. */
  readonly base: string;
  readonly token: { readonly scheme: 'Bearer' | 'token'; readonly value: Secret } | undefined;
  /** The key of infra.yaml that holds the token, for hints. */
  readonly tokenSetting: string;
};

/**
 * Asks and takes 2xx and 404 as answers. Errors: those of `Http`, `<code>.denied` (77: 401 or 403),
 * `<code>.failed` (69: any other status).
 */
export async function askApi(
  clients: Pick<Clients, 'http'>,
  api: JsonApi,
  method: HttpRequest['method'],
  path: string,
  body?: unknown,
): Promise<HttpAnswer> {
  const answer = await clients.http.json({
    method,
    url: `${api.base}${path}`,
    ...(api.token === undefined ? {} : { token: api.token }),
    ...(body === undefined ? {} : { body }),
  });
  if (answer.status === 404 || (answer.status >= 200 && answer.status < 300)) return answer;
  const what = `${api.name} answered ${method} ${path.split('?')[0]} with ${answer.status}`;
  if (answer.status === 401 || answer.status === 403) {
    throw new InfraError(
      `${api.code}.denied`,
      'denied',
      `${what}: the token is missing, expired or has too few rights.`,
      {
        hints: [`Check what ${api.tokenSetting} in infra.yaml points to.`],
      },
    );
  }
  throw new InfraError(`${api.code}.failed`, 'unavailable', `${what}.`);
}

/** An answer that is not what the API documents. */
export function malformed(api: JsonApi, path: string, expected: string): InfraError {
  return new InfraError(
    `${api.code}.malformed`,
    'unavailable',
    `${api.name} answered ${path.split('?')[0]} without ${expected}: is ${api.base} really its address?`,
  );
}

/** The value as an object, or undefined. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** The value as a list of objects, or undefined when it is no list or holds anything else. */
export function asRecords(value: unknown): readonly Readonly<Record<string, unknown>>[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const records = value.map(asRecord);
  return records.every((record) => record !== undefined) ? records : undefined;
}
