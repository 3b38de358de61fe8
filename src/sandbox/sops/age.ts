import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { decodeBech32, encodeBech32 } from './bech32.ts';

/** An age key pair: `age1…` and `AGE-SECRET-KEY-1…`. */
export type AgeKey = { readonly recipient: string; readonly identity: string };

const VERSION = 'age-encryption.org/v1';
const INFO = 'age-encryption.org/v1/X25519';
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** A new key pair. */
export function newAgeKey(): AgeKey {
  const { privateKey } = generateKeyPairSync('x25519');
  return {
    recipient: encodeBech32('age', rawPublic(privateKey)),
    identity: encodeBech32('age-secret-key-', rawPrivate(privateKey)).toUpperCase(),
  };
}

/** Encrypts a short text for one recipient, armored. Errors: Error for a malformed recipient. */
export function ageEncrypt(recipient: string, plain: Buffer): string {
  const theirs = decodeBech32('age', recipient);
  if (theirs === undefined)
    throw new Error(`failed to parse input as Bech32-encoded age public key: malformed recipient "${recipient}"`);
  const fileKey = randomBytes(16);
  const { privateKey } = generateKeyPairSync('x25519');
  const share = rawPublic(privateKey);
  const wrapped = chacha(wrapKey(privateKey, theirs, share, theirs), Buffer.alloc(12), fileKey);
  const head = `${VERSION}\n-> X25519 ${unpadded(share)}\n${unpadded(wrapped)}\n---`;
  const nonce = randomBytes(16);
  const body = chacha(derive(fileKey, nonce, 'payload'), lastChunk(), plain);
  const bytes = Buffer.concat([Buffer.from(`${head} ${unpadded(mac(fileKey, head))}\n`), nonce, body]);
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN AGE ENCRYPTED FILE-----\n${lines.join('\n')}\n-----END AGE ENCRYPTED FILE-----\n`;
}

/** Decrypts with the first identity that fits; undefined when none does. */
export function ageDecrypt(identities: readonly string[], armored: string): Buffer | undefined {
  const bytes = Buffer.from(armored.replace(/-----[A-Z ]+-----/g, '').replace(/\s/g, ''), 'base64');
  const headEnd = bytes.indexOf('\n---');
  const payload = bytes.indexOf('\n', headEnd + 1) + 1;
  const lines = bytes.subarray(0, headEnd).toString().split('\n');
  const share = Buffer.from(lines[1]?.split(' ')[2] ?? '', 'base64');
  const wrapped = Buffer.from(lines[2] ?? '', 'base64');
  for (const identity of identities) {
    const secret = decodeBech32('age-secret-key-', identity);
    if (secret === undefined) continue;
    const mine = createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' });
    const fileKey = unchacha(wrapKey(mine, share, share, rawPublic(mine)), Buffer.alloc(12), wrapped);
    if (fileKey === undefined) continue;
    const nonce = bytes.subarray(payload, payload + 16);
    return unchacha(derive(fileKey, nonce, 'payload'), lastChunk(), bytes.subarray(payload + 16));
  }
  return undefined;
}

function wrapKey(mine: KeyObject, theirs: Buffer, share: Buffer, recipient: Buffer): Buffer {
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, theirs]), format: 'der', type: 'spki' });
  const secret = diffieHellman({ privateKey: mine, publicKey });
  return Buffer.from(hkdfSync('sha256', secret, Buffer.concat([share, recipient]), INFO, 32));
}

function derive(fileKey: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, salt, info, 32));
}

function mac(fileKey: Buffer, head: string): Buffer {
  return createHmac('sha256', derive(fileKey, Buffer.alloc(0), 'header'))
    .update(head)
    .digest();
}

/** Nonce of a payload's first chunk that is also its last. */
function lastChunk(): Buffer {
  const nonce = Buffer.alloc(12);
  nonce[11] = 1;
  return nonce;
}

function chacha(key: Buffer, nonce: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unchacha(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(-16));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  } catch {
    // The key does not fit: another identity may.
    return undefined;
  }
}

function rawPublic(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}

function rawPrivate(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
