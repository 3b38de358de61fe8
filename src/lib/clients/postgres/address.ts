import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { InfraError } from '../../errors.ts';
import type { Secret } from '../../secrets/secret.ts';

/** Where a connection string points, without its secret parts in `shown`. */
export type Target = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl: false | ConnectionOptions;
  /** `prefer`: a server without TLS is spoken to without. */
  readonly plainIsFine: boolean;
  /** `host:port/database`. */
  readonly shown: string;
};

/** Reads a connection URL. Errors: `postgres.bad-address` (78), which quotes nothing of it: it holds a password. */
export function targetOf(connection: Secret): Target {
  const text = connection.reveal();
  const url = /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '') throw badAddress('it is not of the form postgres://user@host/database');
  const database = decode(url.pathname.slice(1)) || decode(url.username);
  const host = decode(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  const port = url.port === '' ? 5432 : Number(url.port);
  return {
    host,
    port,
    database,
    user: decode(url.username),
    password: decode(url.password),
    ...tlsOf(url.searchParams, host),
    shown: `${url.host}/${database}`,
  };
}

/** libpq's meaning of sslmode (PostgreSQL's documentation, "SSL Support"). */
function tlsOf(params: URLSearchParams, host: string): Pick<Target, 'ssl' | 'plainIsFine'> {
  const mode = params.get('sslmode') ?? 'verify-full';
  if (mode === 'disable' || mode === 'allow') return { ssl: false, plainIsFine: true };
  const root = params.get('sslrootcert');
  const [cert, key] = [params.get('sslcert'), params.get('sslkey')];
  const files: ConnectionOptions = {
    ...(root === null ? {} : { ca: fileText(root) }),
    ...(cert === null ? {} : { cert: fileText(cert) }),
    ...(key === null ? {} : { key: fileText(key) }),
  };
  if (mode === 'verify-full') return { ssl: { ...files, servername: host }, plainIsFine: false };
  // With a root certificate `require` verifies as `verify-ca` does: the chain, not the name.
  if (mode === 'verify-ca' || (mode === 'require' && root !== null))
    return { ssl: { ...files, checkServerIdentity: () => undefined }, plainIsFine: false };
  if (mode === 'require' || mode === 'prefer')
    return { ssl: { ...files, rejectUnauthorized: false }, plainIsFine: mode === 'prefer' };
  throw badAddress('its sslmode is none of disable, allow, prefer, require, verify-ca, verify-full');
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw badAddress(`the file ${path} that it names cannot be read`, cause);
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw badAddress('it holds a % that begins no escape', cause);
  }
}

function badAddress(why: string, cause?: unknown): InfraError {
  return new InfraError(
    'postgres.bad-address',
    'config',
    `The connection string of the state database cannot be used: ${why}.`,
    {
      hints: ['PG_CONN_STR, or stacks.pgAddress in infra.yaml: "host:5432/terraform_state?sslmode=disable"'],
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
