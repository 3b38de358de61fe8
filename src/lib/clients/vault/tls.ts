import { join } from 'node:path';
import { InfraError } from '../../errors.ts';
import type { Files } from '../files/client.ts';
import type { Tls } from '../http/agents.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Readable = Pick<Files, 'read' | 'list'>;

/**
 * TLS settings from the variables that the vault program reads: VAULT_CACERT, VAULT_CAPATH, VAULT_CLIENT_CERT,
 * VAULT_CLIENT_KEY, VAULT_TLS_SERVER_NAME, VAULT_SKIP_VERIFY. An authority named there replaces the system's, as it
 * does for vault. Errors: `vault.bad-environment` (78), naming the variable.
 */
export async function tlsFromEnvironment(env: Environment, files: Readable): Promise<Tls> {
  const ca = await authorities(env, files);
  const [cert, key] = [await pem('VAULT_CLIENT_CERT', env, files), await pem('VAULT_CLIENT_KEY', env, files)];
  if ((cert === undefined) !== (key === undefined)) {
    throw bad('VAULT_CLIENT_CERT and VAULT_CLIENT_KEY belong together, and only one of them is set.');
  }
  const servername = env.VAULT_TLS_SERVER_NAME;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(servername === undefined || servername === '' ? {} : { servername }),
    rejectUnauthorized: !skipVerify(env.VAULT_SKIP_VERIFY),
  };
}

/** Go's strconv.ParseBool, which the vault program reads the variable with: `yes` is an error, `0` is false. */
function skipVerify(value: string | undefined): boolean {
  if (value === undefined || value === '') return false;
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
  throw bad('VAULT_SKIP_VERIFY is neither true nor false.', ['unset VAULT_SKIP_VERIFY']);
}

async function authorities(env: Environment, files: Readable): Promise<string | string[] | undefined> {
  const one = await pem('VAULT_CACERT', env, files);
  if (one !== undefined) return one;
  const folder = env.VAULT_CAPATH;
  if (folder === undefined || folder === '') return undefined;
  const entries = await files.list(folder);
  if (entries === undefined) throw bad(`VAULT_CAPATH names ${folder}, which does not exist.`);
  const texts: string[] = [];
  for (const entry of entries) {
    if (entry.kind === 'folder' || entry.kind === 'other') continue;
    const text = await files.read(join(folder, entry.name));
    if (text?.includes('-----BEGIN CERTIFICATE-----')) texts.push(text);
  }
  if (texts.length === 0) throw bad(`VAULT_CAPATH names ${folder}, which holds no certificate.`);
  return texts;
}

async function pem(name: string, env: Environment, files: Readable): Promise<string | undefined> {
  const path = env[name];
  if (path === undefined || path === '') return undefined;
  const text = await files.read(path);
  if (text === undefined) throw bad(`${name} names ${path}, which does not exist.`);
  if (!text.includes('-----BEGIN ')) throw bad(`${name} names ${path}, which is not a PEM file.`);
  return text;
}

function bad(message: string, hints: readonly string[] = []): InfraError {
  return new InfraError('vault.bad-environment', 'config', message, { hints });
}
