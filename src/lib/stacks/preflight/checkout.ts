import { resolve } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';

/** What git-crypt writes at the beginning of every file that it has encrypted. */
const GIT_CRYPT = '\0GITCRYPT\0';

/** Files that are still ciphertext, relative to the repository: applying them would publish rubbish as configuration or keys. */
async function cipheredFiles(clients: Pick<Clients, 'files'>, root: string): Promise<readonly string[]> {
  const secrets = ((await clients.files.list(`${root}/secrets`)) ?? []).filter(({ kind }) => kind === 'file');
  const candidates = ['config.tfvars', ...secrets.map(({ name }) => `secrets/${name}`)];
  const ciphered = await Promise.all(
    candidates.map(async (path) => {
      const bytes = await clients.files.readBytes(`${root}/${path}`, GIT_CRYPT.length);
      return bytes !== undefined && new TextDecoder().decode(bytes) === GIT_CRYPT ? [path] : [];
    }),
  );
  return ciphered.flat();
}

/** Errors: `site.git-crypt-locked` (78). */
export async function assertUnlocked(clients: Pick<Clients, 'files'>, site: Site): Promise<void> {
  const ciphered = await cipheredFiles(clients, site.root.value);
  if (ciphered.length === 0) return;
  const shown = ciphered.slice(0, 3).join(', ');
  throw new InfraError(
    'site.git-crypt-locked',
    'config',
    `This checkout is locked by git-crypt: ${shown}${ciphered.length > 3 ? ` and ${ciphered.length - 3} more` : ''} ${ciphered.length > 1 ? 'are' : 'is'} ciphertext.`,
    {
      hints: ['git-crypt unlock', 'A worktree carries ciphertext: work from the main checkout.'],
    },
  );
}

/** Path of the kubeconfig that every stack is given: `<repository>/config`. */
export function stacksKubeconfig(site: Site): string {
  return resolve(site.root.value, 'config');
}

/** True when the root terragrunt.hcl hands `<repository>/config` to the stacks. */
export async function usesKubeconfig(clients: Pick<Clients, 'files'>, site: Site): Promise<boolean> {
  const text = (await clients.files.read(`${site.root.value}/terragrunt.hcl`)) ?? '';
  return text.includes('kube_config_path') || /get_repo_root\(\)\}\/config["\s]/.test(text);
}

/** Errors: `site.no-kubeconfig` (78) when the stacks are given a file that does not exist. */
export async function assertKubeconfig(clients: Pick<Clients, 'files'>, site: Site): Promise<void> {
  if (!(await usesKubeconfig(clients, site)) || (await clients.files.info(stacksKubeconfig(site))) !== undefined)
    return;
  throw new InfraError(
    'site.no-kubeconfig',
    'config',
    `The stacks read the kubeconfig ${stacksKubeconfig(site)}, which does not exist.`,
    {
      hints: [
        `cp ~/.kube/config ${stacksKubeconfig(site)} && chmod 600 ${stacksKubeconfig(site)}   (the file is ignored by git)`,
      ],
    },
  );
}
