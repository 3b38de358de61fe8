import { InfraError, isInfraError, type StatusName } from '../../errors.ts';
import type { Target } from './address.ts';

/** What a driver or a socket throws: SQLSTATE or a system's code, and the server's line. */
type Foreign = { readonly code?: unknown; readonly message?: unknown; readonly severity?: unknown };

/** SQLSTATE codes (PostgreSQL's documentation, appendix A) of what is not a defect of a query. */
const KNOWN: readonly (readonly [RegExp, string, StatusName])[] = [
  [/^(28|42501)/, 'postgres.denied', 'denied'],
  [/^3D000$/, 'postgres.no-database', 'config'],
  [/^(57P0|53|08)/, 'postgres.unreachable', 'unavailable'],
  [/^57014$/, 'postgres.timeout', 'unavailable'],
];
const TLS = /does not support SSL|self[- ]signed|certificate|altnames|SSL routines/i;

/** The one translator of what pg, the server and the socket say. */
export function postgresError(thrown: unknown, target: Target, timeoutMs: number): unknown {
  if (isInfraError(thrown) || !(thrown instanceof Error)) return thrown;
  const { code, message, severity } = thrown as Foreign;
  const text = typeof message === 'string' ? (message.split('\n')[0] ?? '') : '';
  const tried = `Asked PostgreSQL at ${target.shown}`;
  const fail = (name: string, status: StatusName, said: string, hints: readonly string[] = []): InfraError =>
    new InfraError(name, status, `${tried}: ${said}.`, { cause: thrown, hints });
  if (severity !== undefined && typeof code === 'string') {
    const known = KNOWN.find(([pattern]) => pattern.test(code));
    const [, name, status] = known ?? [undefined, 'postgres.failed', 'unavailable' as const];
    return fail(name, status, `${text} (${code})`, name === 'postgres.denied' ? DENIED : []);
  }
  if (text === TIMED_OUT) return fail('postgres.timeout', 'unavailable', `no answer within ${timeoutMs / 1000} s`);
  if (TLS.test(text) || (typeof code === 'string' && /CERT|TLS|SSL/.test(code))) {
    return fail('postgres.tls', 'unavailable', text, [
      'sslmode in the address decides: ?sslmode=verify-full&sslrootcert=FILE, require, or disable',
    ]);
  }
  if (typeof code === 'string' && /^E[A-Z_]+$/.test(code))
    return fail('postgres.unreachable', 'unavailable', text || code);
  if (/Connection terminated|Client was closed/.test(text)) return fail('postgres.unreachable', 'unavailable', text);
  return thrown;
}

/** The message of our own timer. */
export const TIMED_OUT = 'the session took too long';

/** Whether a server refused TLS as such, so that `prefer` may go on without. */
export function refusesTls(thrown: unknown): boolean {
  return thrown instanceof Error && /does not support SSL/.test(thrown.message);
}

const DENIED = ['Vault rotates the password: read it again, or set PG_CONN_STR.'];
