import { type Answer, type Check, fail, pass, unknown, type World, warn } from '../check.ts';

/** git: Tier-0 state is committed and compared with it. */
export const git: Check = {
  id: 'machine.git',
  title: 'git',
  group: 'machine',
  needs: 'machine',
  run: (world) => present(world, 'git', 'Install git.'),
};

/** terragrunt runs every stack. */
export const terragrunt: Check = {
  id: 'machine.terragrunt',
  title: 'terragrunt',
  group: 'machine',
  needs: 'machine',
  run: (world) =>
    present(world, 'terragrunt', 'Install terragrunt: https://terragrunt.gruntwork.io/docs/getting-started/install'),
};

/** sops decrypts and encrypts Tier-0 state. Without such a stack it is not needed. */
export const sops: Check = {
  id: 'machine.sops',
  title: 'sops',
  group: 'machine',
  needs: 'machine',
  run: async (world) => {
    const answer = await present(world, 'sops', 'Install sops: https://github.com/getsops/sops/releases');
    const { siteState } = world;
    const needed = siteState.state === 'present' && siteState.site.stacks.tier0.stacks.value.length > 0;
    if (answer.verdict !== 'FAIL' || needed) return answer;
    return warn('not on PATH; needed only for stacks whose state is in git', answer.hint ?? '');
  },
};

/** What terragrunt calls: TG_TF_PATH, else tofu, else terraform. */
export const tofu: Check = {
  id: 'machine.tofu',
  title: 'tofu or terraform',
  group: 'machine',
  needs: 'machine',
  run: async (world) => {
    const named = world.env.TG_TF_PATH || world.env.TERRAGRUNT_TFPATH;
    if (named !== undefined && named !== '')
      return present(world, named, 'TG_TF_PATH names it; correct it or unset TG_TF_PATH.');
    const name = (await world.program('tofu')) === undefined ? 'terraform' : 'tofu';
    const answer = await present(world, name, 'Install OpenTofu: https://opentofu.org/docs/intro/install');
    return answer.verdict === 'FAIL'
      ? { ...answer, detail: 'neither tofu nor terraform is on PATH' }
      : { ...answer, detail: `${name} ${answer.detail}` };
  },
};

async function present(world: World, name: string, hint: string): Promise<Answer> {
  const program = await world.program(name);
  const command = `${name} --version`;
  if (program === undefined) return fail('not on PATH', hint, { command });
  if (program.version === undefined)
    return unknown(`${program.path} does not tell its version`, 'no-version', { command });
  return pass(`${program.version} (${program.path})`, { command });
}
