import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Answer } from '../http/exchange.ts';
import { failure, noContent, success, unsupportedOperation, unsupportedPath } from './answers.ts';
import { type Call, flag, text } from './call.ts';
import { listKeys } from './kv-metadata.ts';
import type { TransitKey } from './state.ts';

/** The transit engine: AES-256-GCM keys, encrypt, decrypt, rotate, and the deletion guard. */
export function transitCall(call: Call): Answer {
  const [area = '', name = '', action = ''] = call.path.split('/').map(decodeURIComponent);
  const { transit } = call.state;
  const key = transit.get(name);
  if (area === 'keys' && call.operation === 'list') return listKeys(transit.keys(), '', 'transit');
  if (area === 'keys' && action === 'config' && call.operation === 'update') return configure(call, key);
  if (area === 'keys' && action === 'rotate' && call.operation === 'update') return rotate(key);
  if (area === 'keys' && action === '') return keyCall(call, name, key);
  if (area === 'encrypt' && call.operation === 'update') return encrypt(call, key ?? createKey(transit, name));
  if (area === 'decrypt' && call.operation === 'update') return decrypt(call, key);
  return unsupportedPath();
}

/** Creates a key with one version. */
export function createKey(transit: Map<string, TransitKey>, name: string): TransitKey {
  const key: TransitKey = { name, versions: [newVersion()], deletionAllowed: false };
  transit.set(name, key);
  return key;
}

/** Encrypts bytes as `vault:v<n>:<base64>`. */
function seal(key: TransitKey, plain: Buffer): string {
  const version = key.versions.at(-1);
  if (version === undefined) throw new Error(`transit key ${key.name} has no version`);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', version.key, nonce);
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return `vault:v${key.versions.length}:${sealed.toString('base64')}`;
}

function newVersion(): TransitKey['versions'][number] {
  return { key: randomBytes(32), created: Math.floor(Date.now() / 1000) };
}

function keyCall(call: Call, name: string, key: TransitKey | undefined): Answer {
  switch (call.operation) {
    case 'read':
      return key === undefined ? failure(404) : describe(key);
    case 'update':
      return describe(key ?? createKey(call.state.transit, name));
    case 'delete':
      if (key === undefined) return failure(400, `error deleting policy ${name}: could not delete key; not found`);
      if (!key.deletionAllowed)
        return failure(400, `error deleting policy ${name}: deletion is not allowed for this key`);
      call.state.transit.delete(name);
      return noContent();
    default:
      return unsupportedOperation();
  }
}

function configure(call: Call, key: TransitKey | undefined): Answer {
  if (key === undefined) return failure(400, `no existing key named ${call.path.split('/')[1] ?? ''} could be found`);
  key.deletionAllowed = flag(call, 'deletion_allowed') ?? key.deletionAllowed;
  return describe(key);
}

function rotate(key: TransitKey | undefined): Answer {
  if (key === undefined) return failure(400, 'key not found');
  key.versions.push(newVersion());
  return describe(key);
}

function describe(key: TransitKey): Answer {
  const keys = key.versions.map((version, at) => [String(at + 1), version.created]);
  const data = {
    allow_plaintext_backup: false,
    auto_rotate_period: 0,
    deletion_allowed: key.deletionAllowed,
    derived: false,
    exportable: false,
    imported_key: false,
    keys: Object.fromEntries(keys),
    latest_version: key.versions.length,
    min_available_version: 0,
    min_decryption_version: 1,
    min_encryption_version: 0,
    name: key.name,
    supports_decryption: true,
    supports_derivation: true,
    supports_encryption: true,
    supports_signing: false,
    type: 'aes256-gcm96',
  };
  return success({ data, mountType: 'transit' });
}

function encrypt(call: Call, key: TransitKey): Answer {
  const plain = text(call, 'plaintext');
  if (plain === undefined) return failure(400, 'missing plaintext to encrypt');
  const ciphertext = seal(key, Buffer.from(plain, 'base64'));
  return success({ data: { ciphertext, key_version: key.versions.length }, mountType: 'transit' });
}

function decrypt(call: Call, key: TransitKey | undefined): Answer {
  if (key === undefined) return failure(400, 'encryption key not found');
  const match = /^vault:v(\d+):(.+)$/.exec(text(call, 'ciphertext') ?? '');
  if (match === null) return failure(400, 'invalid ciphertext: no prefix');
  const version = key.versions[Number(match[1]) - 1];
  if (version === undefined) return failure(400, 'invalid ciphertext: version is too new');
  const sealed = Buffer.from(match[2] ?? '', 'base64');
  const decipher = createDecipheriv('aes-256-gcm', version.key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(-16));
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    return success({ data: { plaintext: plain.toString('base64') }, mountType: 'transit' });
  } catch {
    // GCM tells nothing but that the tag does not fit, and Vault says just that.
    return failure(400, 'cipher: message authentication failed');
  }
}
