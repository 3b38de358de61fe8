import { type Check, fail, pass, skip } from '../check.ts';

/** The guard scripts and the interpreter that they need. */
export const guards: Check = {
  id: 'repository.guards',
  title: 'guard scripts',
  group: 'repository',
  needs: 'site',
  run: async (world, site) => {
    const { value, source } = site.stacks.guards;
    if (value.length === 0) return skip('this repository has none');
    const files = await world.client('files');
    const found = await Promise.all(value.map((path) => files.info(`${site.root.value}/${path}`)));
    const missing = value.filter((_, index) => found[index] === undefined);
    if (missing.length > 0)
      return fail(
        `${source} names ${missing.join(', ')}, which do not exist`,
        'Restore them, or correct stacks.guards in infra.yaml.',
      );
    const python = value.some((path) => path.endsWith('.py'));
    if (python && (await world.program('python3')) === undefined)
      return fail('they need python3, which is not on PATH', 'Install python3.');
    return pass(`${value.length}, from ${source}`);
  },
};
