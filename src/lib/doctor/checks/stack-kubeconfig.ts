import { discover } from '../../site/discovery.ts';
import { type Check, fail, pass, skip } from '../check.ts';

/** The kubeconfig that the root terragrunt.hcl hands to every stack; it is not in git, so a fresh clone lacks it. */
export const stackKubeconfig: Check = {
  id: 'repository.kubeconfig',
  title: 'stacks kubeconfig',
  group: 'repository',
  needs: 'site',
  run: async (world, site) => {
    const files = await world.client('files');
    const { kubeconfig } = await discover(files, site.root.value, site.stacks.wrapper.value);
    if (kubeconfig === undefined) return skip('terragrunt.hcl hands no kubeconfig to the stacks');
    const path = `${site.root.value}/${kubeconfig.value}`;
    if ((await files.info(path)) !== undefined) return pass(`${path} (${kubeconfig.source})`);
    return fail(
      `${kubeconfig.source} hands ${path} to every stack, and it does not exist`,
      `Copy one there: cp ~/.kube/config ${path}`,
    );
  },
};
