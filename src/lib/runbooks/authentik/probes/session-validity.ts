import type { Probe } from '../../../diagnosis/probe.ts';
import { count, some, timeWords } from '../../words.ts';
import { validitySeconds } from '../judge/fill.ts';

export const VALIDITY_ID = 'authentik.context.session-validity';

/** How long sessions live, as the repository says. */
export type Validities = readonly { readonly file: string; readonly validity: string }[];

const FILES = ['authentik_provider.tf', 'main.tf', 'guest.tf', 'providers.tf'];

/** The same as Authentik's API says, for a machine without a token: what is in code is in code. */
export const sessionValidity: Probe<Validities> = {
  id: VALIDITY_ID,
  title: 'validity in code',
  layer: 'context',
  kind: 'passive',
  cost: `${FILES.length} files of the repository`,
  question: 'How long does a session live, according to the repository?',
  why: 'A session file goes away when its session has ended. How many there are in the end is the rate times this time.',
  byHand: (site) => `grep -rn access_token_validity ${site.stacks.dir.value}/authentik`,
  healthy: 'A validity is found; without one a forecast says less.',
  failures: [],

  async collect({ client, site }) {
    const files = await client('files');
    const folder = `${site.root.value}/${site.stacks.dir.value}/authentik`;
    const found = await Promise.all(
      FILES.map(async (name) => {
        const content = (await files.read(`${folder}/${name}`)) ?? '';
        return [...content.matchAll(/^\s*access_token_validity\s*=\s*"([^"]{1,80})"/gm)].map(([, validity = '']) => ({
          file: name,
          validity,
        }));
      }),
    );
    return found.flat();
  },

  judge(found) {
    if (found.length === 0)
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'the repository names no validity of sessions' };
    const words = found.map(({ file, validity }) => `${timeWords(validitySeconds(validity) ?? 0)} (${file})`);
    return { verdict: 'PASS', detail: `${count(found.length, 'provider')}: ${some(words)}` };
  },
};
