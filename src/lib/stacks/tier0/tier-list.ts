import type { Clients } from '../../clients/clients.ts';
import type { Site } from '../../site/site.ts';
import { parseHcl, strings } from '../source/hcl-text.ts';

/** Where one list of the Tier-0 stacks stands, and what it says; undefined members when the list could not be found. */
export type TierList = { readonly path: string; readonly stacks: readonly string[] };

/** Names of the Tier-0 stacks: those of infra.yaml, else those of the root terragrunt.hcl. */
export async function tier0Names(clients: Pick<Clients, 'files'>, site: Site): Promise<readonly string[]> {
  const setting = site.stacks.tier0.stacks;
  if (setting.value.length > 0 || setting.source !== 'default') return setting.value;
  return (await readTierLists(clients, site.root.value)).find((list) => list.path === 'terragrunt.hcl')?.stacks ?? [];
}

/**
 * Every copy of the Tier-0 list that the repository keeps: `locals { tier0_stacks = […] }` of the root terragrunt.hcl
 * and the shell variable TIER0_STACKS of the wrapper and of its state script. They have to say the same.
 */
export async function readTierLists(clients: Pick<Clients, 'files'>, root: string): Promise<readonly TierList[]> {
  const lists: TierList[] = [];
  const hcl = await clients.files.read(`${root}/terragrunt.hcl`);
  const locals = hcl === undefined ? [] : parseHcl(hcl).blocks.filter((block) => block.type === 'locals');
  const declared = locals
    .map((block) => block.body.attributes.get('tier0_stacks'))
    .find((value) => value !== undefined);
  if (declared !== undefined) lists.push({ path: 'terragrunt.hcl', stacks: strings(declared) });
  for (const path of ['scripts/tg', 'scripts/state-sync']) {
    const words = /^[ \t]*(?:readonly |local |export )*TIER0_STACKS=(?:"([^"]*)"|'([^']*)'|\(([^)]*)\))/m.exec(
      (await clients.files.read(`${root}/${path}`)) ?? '',
    );
    if (words === null) continue;
    const text = words[1] ?? words[2] ?? words[3] ?? '';
    lists.push({ path, stacks: text.replace(/["']/g, ' ').split(/\s+/).filter(Boolean) });
  }
  return lists;
}
