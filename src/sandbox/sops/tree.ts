import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { isPlainObject, parseExact } from '../exact-json.ts';

/** A value that is no ciphertext or was tampered with. */
class TreeError extends Error {}

/** Encrypts every leaf of a document with the data key. Returns the tree and the digest over its clear values. */
export function encryptTree(tree: unknown, key: Buffer): { readonly tree: unknown; readonly digest: string } {
  const hash = createHash('sha512');
  const encrypted = walk(tree, [], (leaf, path) => {
    const { text, type } = clear(leaf);
    hash.update(text);
    return text === '' && type === 'str' ? '' : encryptValue(text, type, key, path);
  });
  return { tree: encrypted, digest: hash.digest('hex').toUpperCase() };
}

/** The reverse of `encryptTree`. Errors: TreeError. */
export function decryptTree(tree: unknown, key: Buffer): { readonly tree: unknown; readonly digest: string } {
  const hash = createHash('sha512');
  const decrypted = walk(tree, [], (leaf, path) => {
    const { text, type } = typeof leaf === 'string' && leaf !== '' ? decryptValue(leaf, key, path) : clear(leaf);
    hash.update(text);
    return value(text, type);
  });
  return { tree: decrypted, digest: hash.digest('hex').toUpperCase() };
}

/** One value as `ENC[AES256_GCM,…]`; `path` goes into the authenticated data. */
export function encryptValue(text: string, type: string, key: Buffer, path: string): string {
  const iv = randomBytes(32);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(path));
  const data = Buffer.concat([cipher.update(text), cipher.final()]);
  const part = (bytes: Buffer) => bytes.toString('base64');
  return `ENC[AES256_GCM,data:${part(data)},iv:${part(iv)},tag:${part(cipher.getAuthTag())},type:${type}]`;
}

/** The clear text of one value. Errors: TreeError. */
export function decryptValue(
  sealed: string,
  key: Buffer,
  path: string,
): { readonly text: string; readonly type: string } {
  const match = /^ENC\[AES256_GCM,data:(.*),iv:(.+),tag:(.+),type:(\w+)\]$/.exec(sealed);
  if (match === null) throw new TreeError(`Input string ${sealed.slice(0, 12)}… does not match sops' data format`);
  const bytes = (at: number) => Buffer.from(match[at] ?? '', 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(2));
  decipher.setAAD(Buffer.from(path));
  decipher.setAuthTag(bytes(3));
  try {
    const text = Buffer.concat([decipher.update(bytes(1)), decipher.final()]).toString('utf8');
    return { text, type: match[4] ?? 'str' };
  } catch {
    throw new TreeError('Could not decrypt with AES_GCM: cipher: message authentication failed');
  }
}

function walk(tree: unknown, path: readonly string[], leaf: (value: unknown, path: string) => unknown): unknown {
  if (tree === null) return null;
  if (Array.isArray(tree)) return tree.map((each) => walk(each, path, leaf));
  if (!isPlainObject(tree)) return leaf(tree, path.map((step) => `${step}:`).join(''));
  return Object.fromEntries(Object.entries(tree).map(([key, each]) => [key, walk(each, [...path, key], leaf)]));
}

function clear(leaf: unknown): { readonly text: string; readonly type: string } {
  if (typeof leaf === 'boolean') return { text: leaf ? 'True' : 'False', type: 'bool' };
  if (typeof leaf === 'string') return { text: leaf, type: 'str' };
  const text = JSON.stringify(leaf);
  return { text, type: /^-?\d+$/.test(text) ? 'int' : 'float' };
}

function value(text: string, type: string): unknown {
  if (type === 'bool') return text === 'True';
  return type === 'str' ? text : parseExact(text);
}
