/** An image reference in its parts: `ghcr.io/a/b:1.2@sha256:…`. `tag` undefined: none, or a digest only. */
export type ImageParts = { readonly repository: string; readonly tag: string | undefined };

/** Takes an image reference apart; a port of the registry is not a tag. */
export function imageParts(image: string): ImageParts {
  const name = image.split('@', 1)[0] ?? image;
  const colon = name.lastIndexOf(':');
  const hasTag = colon > name.lastIndexOf('/');
  return { repository: hasTag ? name.slice(0, colon) : name, tag: hasTag ? name.slice(colon + 1) : undefined };
}

/**
 * Whether one version is older than another: numbers part by part (`v2026.2.1`, `1.9.0`, `8.4-alpine`), and a pre-release
 * before its release. Undefined when they cannot be compared: `latest`, digests, commit ids, other numbers of parts with
 * another suffix.
 */
export function isOlder(version: string, than: string): boolean | undefined {
  const [a, b] = [parse(version), parse(than)];
  if (a === undefined || b === undefined) return undefined;
  const length = Math.max(a.numbers.length, b.numbers.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  if (a.suffix === b.suffix) return false;
  const isPre = (suffix: string): boolean => /^-?(alpha|beta|rc|pre|dev)/i.test(suffix);
  if (isPre(a.suffix) && b.suffix === '') return true;
  if (isPre(b.suffix) && a.suffix === '') return false;
  return isPre(a.suffix) && isPre(b.suffix) ? a.suffix.localeCompare(b.suffix, 'en', { numeric: true }) < 0 : undefined;
}

function parse(version: string): { readonly numbers: readonly number[]; readonly suffix: string } | undefined {
  const found = /^v?(\d{1,9}(?:\.\d{1,9})*)([-+.a-z].*)?$/i.exec(version.trim());
  if (found === null || /^[0-9a-f]{7,}$/.test(version)) return undefined;
  return { numbers: (found[1] ?? '').split('.').map(Number), suffix: (found[2] ?? '').replace(/\+.*$/, '') };
}
