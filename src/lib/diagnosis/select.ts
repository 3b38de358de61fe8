import { InfraError } from '../errors.ts';
import type { Runbook } from './runbook.ts';

/** `--only`, `--skip`, `--first`: words that name probes. */
export type Selection = { readonly only: readonly string[]; readonly skip: readonly string[]; readonly first: boolean };

/**
 * The ids that a selection means, in the runbook's order. A word is an id, an id without its subject (`outpost.logs`),
 * a layer (`edge`), an anchor, or any of those with `*`. Errors: `diagnosis.no-such-probe` (64) for a word that matches
 * nothing, `diagnosis.nothing-selected` (64) when nothing is left.
 */
export function selectProbes(runbook: Runbook, { only, skip, first }: Selection): readonly string[] {
  const ids = (words: readonly string[]): ReadonlySet<string> =>
    new Set(words.flatMap((word) => matching(runbook, word)));
  const [wanted, unwanted] = [ids(only), ids(skip)];
  const from = first ? runbook.probes.slice(0, 1) : runbook.probes;
  const left = from.filter(({ id }) => (only.length === 0 || wanted.has(id)) && !unwanted.has(id)).map(({ id }) => id);
  if (left.length > 0) return left;
  throw new InfraError('diagnosis.nothing-selected', 'usage', 'No probe is left to ask.', {
    hints: [`See what there is: infra diagnose ${runbook.subject} --list`],
  });
}

/** The ids that `--skip` means: they are not asked, whoever wants their answer. */
export function skippedProbes(runbook: Runbook, { skip }: Pick<Selection, 'skip'>): readonly string[] {
  return [...new Set(skip.flatMap((word) => matching(runbook, word)))];
}

function matching(runbook: Runbook, word: string): readonly string[] {
  const pattern = new RegExp(`^${word.split('*').map(escaped).join('.*')}$`);
  const found = runbook.probes.filter(({ id, layer }) => {
    const short = id.startsWith(`${runbook.subject}.`) ? id.slice(runbook.subject.length + 1) : id;
    return [id, short, layer, anchorOf(id), anchorOf(short)].some((name) => pattern.test(name));
  });
  if (found.length > 0) return found.map(({ id }) => id);
  throw new InfraError('diagnosis.no-such-probe', 'usage', `No probe of ${runbook.subject} is called ${word}.`, {
    hints: [
      `Layers: ${[...new Set(runbook.probes.map(({ layer }) => layer))].join(', ')}.`,
      `See every probe: infra diagnose ${runbook.subject} --list`,
    ],
  });
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** The heading of a probe or cause in the runbook: its id with `-` for `.`. */
export function anchorOf(id: string): string {
  return id.replaceAll('.', '-');
}
