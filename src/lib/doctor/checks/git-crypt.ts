import { type Check, fail, pass, skip } from '../check.ts';

/** What a file that git-crypt has encrypted begins with. */
const MAGIC = '\0GITCRYPT\0';

/** Whether config.tfvars and the certificates are clear text: a locked clone would apply ciphertext. */
export const gitCrypt: Check = {
  id: 'repository.git-crypt',
  title: 'git-crypt',
  group: 'repository',
  needs: 'site',
  run: async (world, site) => {
    const files = await world.client('files');
    const root = site.root.value;
    const names = ((await files.list(`${root}/secrets`)) ?? []).filter((entry) =>
      /\.(?:pem|key|crt)$/.test(entry.name),
    );
    const paths = ['config.tfvars', ...names.map((entry) => `secrets/${entry.name}`)];
    const heads = await Promise.all(
      paths.map(async (path) => ({ path, bytes: await files.readBytes(`${root}/${path}`, MAGIC.length) })),
    );
    const present = heads.filter((head) => head.bytes !== undefined);
    const locked = present.filter((head) => new TextDecoder().decode(head.bytes) === MAGIC).map((head) => head.path);
    if (locked.length > 0)
      return fail(`still encrypted: ${locked.join(', ')}`, 'git-crypt unlock', { command: 'git-crypt status -e' });
    return present.length === 0
      ? skip('neither config.tfvars nor secrets/*.pem exist')
      : pass(`${present.length} files are clear text`);
  },
};
