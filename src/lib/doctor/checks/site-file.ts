import { readSiteFile } from '../../site/load.ts';
import { printed } from '../../site/violation.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';

/** infra.yaml itself, and the repository that holds it. */
export const siteFile: Check = {
  id: 'repository.infra-yaml',
  title: 'infra.yaml',
  group: 'repository',
  needs: 'machine',
  run: async ({ siteState, client }) => {
    if (siteState.state !== 'present') {
      const { message, violations, hints } = siteState.error;
      const detail = [message, ...violations.map((one) => one.message)].join(' ');
      const hint = hints[0] ?? 'infra config check';
      return siteState.state === 'absent' ? skip(detail, 'no-repository', { hint }) : fail(detail, hint);
    }
    const { site } = siteState;
    if (site.file === undefined) {
      const hint = 'To write one from what is discovered: infra init';
      return skip(`none in ${site.root.value}: everything is discovered`, 'not-configured', { hint });
    }
    const { unknownKeys } = await readSiteFile(await client('files'), site.file);
    if (unknownKeys.length === 0) return pass(site.file, { command: 'infra config show' });
    const list = unknownKeys.map((one) => printed('infra.yaml', one).message).join('; ');
    return warn(list, 'Commands that write refuse this; correct it: infra config check', {
      command: 'infra config check',
    });
  },
};
