import type { Site } from '../../site/site.ts';
import type { StatePaths } from './state-file.ts';

/**
 * The one line that brings a readable state into git by hand. A shell empties what `>` names before sops has said a word:
 * the result takes the place of the encrypted state only once there is one, and only then is it committed.
 */
export function encryptByHand(site: Site, stack: string, paths: StatePaths): string {
  const inGit = shellWord(paths.encryptedInGit);
  const fresh = shellWord(`${paths.encryptedInGit}.new`);
  return [
    `cd ${shellWord(site.root.value)}`,
    `sops --encrypt --input-type json --output-type json --filename-override ${inGit} ${shellWord(paths.plain)} > ${fresh}`,
    `mv ${fresh} ${inGit}`,
    ...committing(stack, inGit),
    'git push',
  ].join(' && ');
}

/** The one line that commits an encrypted state which is in its place; the first one of a stack is new to git. */
export function commitByHand(site: Site, stack: string, paths: StatePaths): string {
  return [`cd ${shellWord(site.root.value)}`, ...committing(stack, shellWord(paths.encryptedInGit))].join(' && ');
}

function committing(stack: string, inGit: string): readonly string[] {
  return [`git add -- ${inGit}`, `git commit -m "state(${stack}): update encrypted state" -- ${inGit}`];
}

/** How to get an encrypted state back that is damaged: from the last commit, or an earlier one. */
export function restoreByHand(encrypted: string): readonly string[] {
  const path = shellWord(encrypted);
  const restore = (commit: string): string => `git restore --source=${commit} --staged --worktree -- ${path}`;
  return [
    `If the one in the last commit is whole: ${restore('HEAD')}`,
    `Else find a commit whose one is: git log -- ${path}, then ${restore('COMMIT')}`,
  ];
}

/** A word as a shell reads it back: bare where that is safe, else in single quotes. */
function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
