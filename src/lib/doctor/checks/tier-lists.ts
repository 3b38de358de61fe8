import { readTierLists } from '../../stacks/tier0/tier-list.ts';
import { type Check, fail, pass, skip } from '../check.ts';

/** The list of Tier-0 stacks stands in several files; where they differ, one program decrypts what another does not. */
export const tierLists: Check = {
  id: 'repository.tier-lists',
  title: 'Tier-0 lists',
  group: 'repository',
  needs: 'site',
  run: async (world, site) => {
    const files = await world.client('files');
    const own = site.stacks.tier0.stacks;
    const lists = [
      ...(await readTierLists({ files }, site.root.value)),
      ...(own.source.startsWith('infra.yaml') ? [{ path: own.source, stacks: own.value }] : []),
    ];
    const [first, ...others] = lists;
    if (first === undefined) return skip('no list of Tier-0 stacks anywhere: every stack is Tier 1');
    const differing = others
      .map((list) => ({ path: list.path, words: difference(first.stacks, list.stacks) }))
      .filter(({ words }) => words !== '');
    const paths = lists.map((list) => list.path).join(', ');
    if (differing.length === 0) return pass(`${first.stacks.length} stacks, the same in ${paths}`);
    const words = differing.map((one) => `${one.path} against ${first.path}: ${one.words}`).join('; ');
    return fail(words, `Make ${paths} say the same.`);
  },
};

function difference(left: readonly string[], right: readonly string[]): string {
  const missing = left.filter((name) => !right.includes(name)).map((name) => `lacks ${name}`);
  const extra = right.filter((name) => !left.includes(name)).map((name) => `has ${name} too`);
  return [...missing, ...extra].join(', ');
}
