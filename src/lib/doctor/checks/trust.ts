import { trustSubjects } from '../../site/addresses.ts';
import { type Check, pass, warn } from '../check.ts';

/** Whether what the repository chose was accepted on this machine. */
export const trust: Check = {
  id: 'repository.trust',
  title: 'trust',
  group: 'repository',
  needs: 'site',
  run: async (world, site) => {
    const subjects = trustSubjects(site);
    const accepted = await Promise.all(subjects.map(({ subject }) => world.trusts(subject)));
    const open = subjects.filter((_, index) => accepted[index] !== true);
    if (open.length === 0)
      return pass(subjects.length === 0 ? 'this repository chooses no address' : `${subjects.length} accepted`);
    const list = open.map((one) => `${one.key} (${one.subject})`).join(', ');
    return warn(
      `not accepted on this machine, so no credential goes there: ${list}`,
      'If they are right: infra config trust',
    );
  },
};
