import type { Probe } from '../../../diagnosis/probe.ts';
import { count, momentWords, some } from '../../words.ts';
import { clearedBy } from '../judge/suspects.ts';

/** A commit to a stack that logins depend on. */
export type CommitFact = {
  readonly id: string;
  readonly at: string;
  readonly title: string;
  readonly stacks: readonly string[];
};

const STACKS = ['authentik', 'traefik', 'cloudflared', 'dbaas', 'cnpg', 'kyverno'];
const WINDOW_MS = 7 * 86_400_000;
const MOST = 20;

/** What was committed lately. */
export const commits: Probe<readonly CommitFact[]> = {
  id: 'authentik.context.commits',
  title: 'recent commits',
  layer: 'context',
  kind: 'passive',
  cost: '1 git log of this clone',
  question: 'Which commits of the last week changed a stack that logins depend on?',
  why: 'They date a change and name its author’s reason. What is configured in Authentik’s own pages leaves no commit: silence here clears nothing.',
  byHand: (site) =>
    `git log --since='7 days ago' --oneline -- ${STACKS.map((stack) => `${site.stacks.dir.value}/${stack}`).join(' ')}`,
  healthy: 'Known changes only.',
  failures: [],

  async collect({ client, site, now }) {
    const git = await client('git');
    const folder = site.stacks.dir.value;
    const since = new Date(now.getTime() - WINDOW_MS);
    const found = await git.log(
      site.root.value,
      STACKS.map((stack) => `${folder}/${stack}`),
      { since, limit: MOST },
    );
    return found.map(({ id, at, title, files }) => {
      const touched = files.flatMap((file) =>
        file.startsWith(`${folder}/`) ? (file.slice(folder.length + 1).split('/')[0] ?? []) : [],
      );
      return { id: id.slice(0, 12), at, title: title.slice(0, 120), stacks: [...new Set(touched)].sort() };
    });
  },

  judge(found) {
    if (found.length === 0) return { verdict: 'PASS', detail: 'none in the last week, in this clone' };
    const words = found.map(
      ({ id, title, at, stacks }) =>
        `${id.slice(0, 8)} ${title} ${momentWords(at)} (cleared by ${clearedBy(stacks[0] ?? '')})`,
    );
    return {
      verdict: 'PASS',
      detail: `${count(found.length, 'commit')} in the last week: ${some(words, 2)}`,
      timeline: found.map(({ at, title, stacks }) => ({ at, what: `commit to ${stacks.join(', ')}: ${title}` })),
      data: found.map(({ id, at, title, stacks }) => ({
        id,
        at,
        title,
        stacks,
        clearedBy: clearedBy(stacks[0] ?? ''),
      })),
    };
  },
};
