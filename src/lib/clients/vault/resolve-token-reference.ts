import { isAbsolute, join } from 'node:path';
import { InfraError } from '../../errors.ts';
import { Secret } from '../../secrets/secret.ts';
import type { TokenReference } from '../../site/site.ts';
import type { Files } from '../files/client.ts';
import type { Vault } from './client.ts';

/** Where references are looked up. `root` is the folder that a relative file path starts from. */
export type TokenSources = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly root: string;
  readonly files: Pick<Files, 'read'>;
  readonly vault: Pick<Vault, 'kvRead'>;
};

/**
 * The token that a reference stands for: `{env: NAME}`, `{file: PATH}` or `{vault: "PATH#KEY"}`. `setting` names the
 * place in infra.yaml, for messages. Errors: `token.missing` (77) when nothing usable is there, `token.bad-reference` (78),
 * and those of the file system and of Vault, which are not the same as a missing token.
 */
export async function resolveTokenReference(
  reference: TokenReference,
  setting: string,
  from: TokenSources,
): Promise<Secret> {
  if ('env' in reference) return usable(from.env[reference.env], `the environment variable ${reference.env}`, setting);
  if ('file' in reference) {
    const path = filePath(reference.file, from);
    return usable(await from.files.read(path), `the file ${path}`, setting);
  }
  return usable(await fromVault(reference.vault, setting, from.vault), `Vault's ${reference.vault}`, setting);
}

async function fromVault(
  reference: string,
  setting: string,
  vault: Pick<Vault, 'kvRead'>,
): Promise<string | undefined> {
  const [path, key, ...rest] = reference.split('#');
  if (path === undefined || path === '' || key === undefined || key === '' || rest.length > 0) {
    throw new InfraError('token.bad-reference', 'config', `${setting}.vault is not PATH#KEY.`, {
      hints: [`${setting}: {vault: "secret/platform#some_token"}`],
    });
  }
  const found = await vault.kvRead(path);
  if (found.state !== 'present')
    throw missing(`${setting} points to Vault's ${path}, which is ${found.state}.`, [`vault kv get ${path}`]);
  const value = Object.hasOwn(found.data, key) ? found.data[key] : undefined;
  if (value !== undefined && typeof value !== 'string') {
    throw missing(`${setting} points to Vault's ${reference}, which is not text.`, [
      `vault kv get -field=${key} ${path}`,
    ]);
  }
  return value;
}

function usable(text: string | undefined, where: string, setting: string): Secret {
  const token = text?.trim();
  if (token === undefined) throw missing(`${setting} points to ${where}, which does not exist.`);
  if (token === '' || token === 'null') throw missing(`${setting} points to ${where}, which is empty.`);
  if (!/^[\x21-\x7e]+$/.test(token))
    throw missing(`${setting} points to ${where}, which holds characters that no token has.`);
  return new Secret(token);
}

function filePath(path: string, from: Pick<TokenSources, 'home' | 'root'>): string {
  if (path.startsWith('~/')) return join(from.home, path.slice(2));
  return isAbsolute(path) ? path : join(from.root, path);
}

function missing(message: string, hints: readonly string[] = []): InfraError {
  return new InfraError('token.missing', 'denied', message, { hints });
}
