import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets by a name that tells which one was found. */
export type Secrets = Readonly<Record<string, string>>;

/** Shorter values are ordinary words, and would be found everywhere. */
const SHORTEST = 8;

/** Every way in which a value may stand in a text: as it is, in JSON, in a URL, in base64 at any offset. */
export function formsOf(value: string): readonly string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const whole = Buffer.from(`${'\0'.repeat(offset)}${value}`)
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last digits also hold bits of what stands beside the value.
    return whole.slice(offset === 0 ? 0 : offset + 1, (Buffer.byteLength(value) + offset) % 3 === 0 ? undefined : -1);
  });
  const urls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const json = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(value), ...base64, ...urls])];
}

/** Finds secrets in bytes; a hit is `what: which secret`. */
export type Detector = (what: string, bytes: Buffer | string) => readonly string[];

/** Makes a detector of these secrets. Throws when one is too short to be told from an ordinary word. */
export function makeDetector(secrets: Secrets): Detector {
  const forms = Object.entries(secrets).map(([name, value]) => {
    if (value.length < SHORTEST) throw new Error(`the secret ${name} is too short to be looked for`);
    return { name, needles: formsOf(value).map((form) => Buffer.from(form)) };
  });
  return (what, bytes) => {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    return forms
      .filter(({ needles }) => needles.some((needle) => buffer.includes(needle)))
      .map(({ name }) => `${what}: ${name}`);
  };
}

/** Every file below a folder, with its path from there; links are not followed, which Node's own walk does. */
function filesBelow(folder: string, prefix = ''): readonly string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = join(prefix, entry.name);
    if (entry.isDirectory()) return filesBelow(folder, path);
    return entry.isFile() ? [path] : [];
  });
}

/** Files below a folder that hold a secret, as `path: which secret`, but for those that are meant to. */
export function hitsBelow(folder: string, detect: Detector, meant: (path: string) => boolean): readonly string[] {
  return filesBelow(folder)
    .filter((path) => !meant(path))
    .flatMap((path) => [...detect(path, path), ...detect(path, readFileSync(join(folder, path)))]);
}

/** Permissions of a file, e.g. `600`. */
export const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
