import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Addresses } from './root.ts';

/**
 * What the operator of this site accepted: its own addresses, as `infra config trust` would have written them. The entry
 * is found by the real path of the repository and the address of its origin.
 */
export async function acceptAddresses(
  configFolder: string,
  repo: string,
  origin: string,
  { cloudflare, forgejo, authentik }: Pick<Addresses, 'cloudflare' | 'forgejo' | 'authentik'>,
): Promise<void> {
  const own = [cloudflare, forgejo, authentik].filter((url) => url !== undefined);
  const accepted = own.map((address) => new URL(address).origin).sort();
  const entry = { root: await realpath(repo), origin, accepted };
  const folder = join(configFolder, 'infra');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ version: 1, sites: [entry] }, undefined, 2);
  await writeFile(join(folder, 'trust.json'), `${text}\n`, { mode: 0o600 });
}
