import type { Clients } from '../clients/clients.ts';
import type { Setting } from '../site/site.ts';

/** Files in which a repository pins its terragrunt, and how. */
const PINS: readonly (readonly [path: string, pattern: RegExp])[] = [
  ['.terragrunt-version', /^v?(\d+\.\d+\.\d+)/m],
  ['ci/Dockerfile', /TERRAGRUNT_VERSION[=\s"']+v?(\d+\.\d+\.\d+)/i],
  ['ci/Dockerfile', /terragrunt\/releases\/download\/v?(\d+\.\d+\.\d+)/],
  ['.tool-versions', /^terragrunt\s+v?(\d+\.\d+\.\d+)/m],
  ['mise.toml', /^terragrunt\s*=\s*"v?(\d+\.\d+\.\d+)"/m],
];

/** The terragrunt that the repository pins, with the file and line that says so. */
export async function pinnedTerragrunt(
  files: Pick<Clients['files'], 'read'>,
  root: string,
): Promise<Setting<string> | undefined> {
  for (const [path, pattern] of PINS) {
    const text = (await files.read(`${root}/${path}`)) ?? '';
    const found = pattern.exec(text);
    if (found?.[1] !== undefined)
      return { value: found[1], source: `${path}:${text.slice(0, found.index).split('\n').length}` };
  }
  return undefined;
}
