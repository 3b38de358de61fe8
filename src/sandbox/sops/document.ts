import { randomBytes } from 'node:crypto';
import { isPlainObject, parseExact } from '../exact-json.ts';
import type { Reply, Send } from '../http/exchange.ts';
import { ageDecrypt, ageEncrypt } from './age.ts';
import { decryptTree, decryptValue, encryptTree, encryptValue } from './tree.ts';

/** A Vault transit key: `<address>/v1/<engine>/keys/<key>`. */
export type VaultKey = { readonly vault_address: string; readonly engine_path: string; readonly key_name: string };

/** Who may decrypt. */
export type Recipients = { readonly vault: readonly VaultKey[]; readonly age: readonly string[] };

/** How to reach the Vault at an address with the caller's token. */
export type Vaults = (address: string) => Send;

/** A failure with sops' own exit status. */
export class SopsError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const VERSION = '3.13.3';

/** Encrypts a JSON document for all recipients; never twice the same. Errors: SopsError. */
export async function encryptDocument(text: string, recipients: Recipients, vaults: Vaults): Promise<string> {
  const document = parse(text);
  if (document.sops !== undefined) {
    throw new SopsError(
      203,
      "The file you have provided contains a top-level entry called 'sops', or for flat file formats top-level entries starting with 'sops_'. This is generally due to the file already being encrypted.",
    );
  }
  const key = randomBytes(32);
  const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const hc_vault = await Promise.all(
    recipients.vault.map(async (vault) => ({ ...vault, created_at: created, enc: await wrap(vault, key, vaults) })),
  );
  const age = recipients.age.map((recipient) => ({ recipient, enc: ageEncrypt(recipient, key) }));
  const { tree, digest } = encryptTree(document, key);
  const sops = {
    ...(age.length > 0 ? { age } : {}),
    ...(hc_vault.length > 0 ? { hc_vault } : {}),
    lastmodified: created,
    mac: encryptValue(digest, 'str', key, created),
    unencrypted_suffix: '_unencrypted',
    version: VERSION,
  };
  return `${JSON.stringify({ ...(tree as object), sops }, undefined, '\t')}\n`;
}

/** Decrypts a document with whatever key opens it. Errors: SopsError 128 without a key, 51 for a wrong MAC. */
export async function decryptDocument(text: string, identities: readonly string[], vaults: Vaults): Promise<string> {
  const { sops, ...tree } = parse(text);
  if (!isPlainObject(sops)) throw new SopsError(1, 'sops metadata not found');
  const key = await dataKey(sops as Metadata, identities, vaults);
  const decrypted = decryptTree(tree, key);
  const { mac, lastmodified } = sops as Metadata;
  const expected = decryptValue(mac, key, lastmodified).text;
  if (expected !== decrypted.digest) {
    throw new SopsError(51, `MAC mismatch. File has ${expected}, computed ${decrypted.digest}`);
  }
  return `${JSON.stringify(decrypted.tree, undefined, '\t')}\n`;
}

/** A transit URI taken apart. Errors: SopsError. */
export function parseVaultUri(uri: string): VaultKey {
  const match = /^(https?:\/\/[^/]+)\/v1\/(.+)\/keys\/([^/]+)$/.exec(uri);
  if (match === null)
    throw new SopsError(
      1,
      `vault path ${uri} does not seem to be formatted correctly: it should match <scheme>://<host>/v1/<engine>/keys/<key>`,
    );
  return { vault_address: match[1] ?? '', engine_path: match[2] ?? '', key_name: match[3] ?? '' };
}

type Metadata = {
  readonly hc_vault?: readonly (VaultKey & { readonly enc: string })[];
  readonly age?: readonly { readonly recipient: string; readonly enc: string }[];
  readonly lastmodified: string;
  readonly mac: string;
};

async function dataKey(sops: Metadata, identities: readonly string[], vaults: Vaults): Promise<Buffer> {
  const failures: string[] = [];
  for (const each of sops.hc_vault ?? []) {
    const reply = await ask(vaults(each.vault_address), `/v1/${each.engine_path}/decrypt/${each.key_name}`, {
      ciphertext: each.enc,
    });
    if (reply.status === 200) return Buffer.from(field(reply, 'plaintext'), 'base64');
    failures.push(
      `  ${each.vault_address}/v1/${each.engine_path}/keys/${each.key_name}: FAILED\n    - | failed to decrypt sops data key with Vault: Error making API\n      | request.\n      | \n      | Code: ${reply.status}. Errors:\n      | ${reply.body.trim()}\n`,
    );
  }
  for (const each of sops.age ?? []) {
    const key = ageDecrypt(identities, each.enc);
    if (key !== undefined) return key;
    failures.push(`  ${each.recipient}: FAILED\n    - | failed to load age identities or none of them fits\n`);
  }
  throw new SopsError(
    128,
    `Failed to get the data key required to decrypt the SOPS file.\n\nGroup 0: FAILED\n${failures.join('\n')}\nRecovery failed because no master key was able to decrypt the file. In\norder for SOPS to recover the file, at least one key has to be successful,\nbut none were.`,
  );
}

async function wrap(vault: VaultKey, key: Buffer, vaults: Vaults): Promise<string> {
  const plaintext = key.toString('base64');
  const reply = await ask(vaults(vault.vault_address), `/v1/${vault.engine_path}/encrypt/${vault.key_name}`, {
    plaintext,
  });
  if (reply.status === 200) return field(reply, 'ciphertext');
  throw new SopsError(
    1,
    `Could not generate data key: [failed to encrypt new data key with master key "${vault.vault_address}/v1/${vault.engine_path}/keys/${vault.key_name}": failed to encrypt sops data key to Vault transit backend '${vault.key_name}': Error making API request. Code: ${reply.status}. Errors: ${reply.body.trim()}]`,
  );
}

async function ask(send: Send, path: string, body: unknown): Promise<Reply> {
  return send('PUT', path, JSON.stringify(body)).catch((error: unknown) => ({
    status: 0,
    body: error instanceof Error ? error.message : String(error),
  }));
}

function field(reply: Reply, name: string): string {
  const parsed = JSON.parse(reply.body) as { data: Readonly<Record<string, string>> };
  return parsed.data[name] ?? '';
}

function parse(text: string): Record<string, unknown> {
  try {
    const value = parseExact(text);
    if (isPlainObject(value)) return value;
  } catch (error) {
    throw new SopsError(
      1,
      `Error unmarshalling file: could not unmarshal input data: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  throw new SopsError(1, 'Error unmarshalling file: could not unmarshal input data: expected a map');
}
