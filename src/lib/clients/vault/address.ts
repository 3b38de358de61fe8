import { InfraError } from '../../errors.ts';

/** Where Vault is, checked. `href` has no trailing slash and may hold a path prefix. */
export type Address = { readonly url: URL; readonly href: string };

/** Checks an address. Errors: `vault.no-address` (78), `vault.bad-address` (78); neither quotes a password in it. */
export function parseAddress(address: string | undefined): Address {
  if (address === undefined || address.trim() === '') {
    throw new InfraError('vault.no-address', 'config', 'It is not known where Vault is.', {
      hints: ['export VAULT_ADDR=https://vault.example.com', 'or set vault.address in infra.yaml'],
    });
  }
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (
    url === undefined ||
    !isHttp ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new InfraError('vault.bad-address', 'config', "Vault's address is not a plain http or https URL.", {
      hints: ['It looks like https://vault.example.com or https://vault.example.com:8200.', 'infra config show'],
    });
  }
  return { url, href: url.origin + url.pathname.replace(/\/+$/, '') };
}

/**
 * Encodes a path as a person writes it (`auth/oidc/role/a b`) for a URL, segment by segment. A trailing slash is
 * allowed where `folder` is true, because listings name folders that way. Errors: `vault.bad-path` (65).
 */
export function encodePath(path: string, folder = false): string {
  const segments = (folder ? path.replace(/\/$/, '') : path).split('/');
  for (const segment of segments) {
    const wrong = badSegment(segment);
    if (wrong !== undefined) {
      throw new InfraError('vault.bad-path', 'data', `${JSON.stringify(path)} is not a path in Vault: ${wrong}.`, {
        hints: ['A path looks like secret/platform: names joined by single slashes.'],
      });
    }
  }
  return segments.map(encodeURIComponent).join('/');
}

/**
 * The API path of a KV version 2 secret: `secret/platform` becomes `secret/data/platform`. The first segment is the
 * mount, as Vault's own documentation writes it. Errors: `vault.bad-path` (65).
 */
export function kvApiPath(path: string, part: 'data' | 'metadata', folder = false): string {
  const slash = path.indexOf('/');
  const mount = slash < 0 ? path : path.slice(0, slash);
  const rest = slash < 0 ? '' : path.slice(slash + 1);
  if (rest === '' && !folder) {
    throw new InfraError('vault.bad-path', 'data', `${JSON.stringify(path)} names a KV mount, not a secret in it.`, {
      hints: [`Add the name of the secret: ${mount}/NAME.`],
    });
  }
  return rest === '' ? `${mount}/${part}` : `${mount}/${part}/${rest}`;
}

function badSegment(segment: string): string | undefined {
  if (segment === '') return 'a segment is empty';
  if (segment === '.' || segment === '..') return `"${segment}" would lead to another path`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(segment)) return 'it holds a control character';
  return segment.isWellFormed() ? undefined : 'it holds half a character';
}
