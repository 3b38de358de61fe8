import { dirname } from 'node:path';
import { InfraError } from '../../errors.ts';
import type { StackDeps, StackRun } from '../deps.ts';
import { scrubStateCopies } from '../run/scrub.ts';
import type { Stack } from '../stack.ts';
import { encryptByHand } from './by-hand.ts';
import { freeDeadLock } from './dead-lock.ts';
import { clearPending, isPending } from './pending.ts';
import { commitState, pushState, saveState } from './save-state.ts';
import { decryptState } from './sops.ts';
import type { StateFacts, StatePaths } from './state-file.ts';
import { readState, sameState, statePaths } from './state-file.ts';
import type { Upstream } from './upstream.ts';
import { ensureFresh } from './upstream.ts';

/** A readable Tier-0 state on disk and what was proved about it. `facts` undefined: the stack has no state yet. */
export type OpenState = { readonly facts: StateFacts | undefined };

/**
 * Makes a Tier-0 state readable: fetch, refuse when behind, finish what a killed run left, decrypt (0600, by rename).
 * The caller holds the stack's local lock. `recover` says that a journal knows of an unfinished apply of this stack; the
 * marker of `pending.ts` says the same. With either, a readable state of the same lineage and a higher serial is what the
 * child of a killed infra wrote: it is encrypted, committed and pushed before anything else. Without, it is refused,
 * since it may be anybody's. A dry run saves nothing: it plans with what is there and leaves marker and files as they are.
 * Errors: `stack.behind-upstream` (4), `stack.plaintext-newer` (4), `stack.state-uncommitted` (4), those of `saveState`.
 */
export async function openState(deps: StackDeps, stack: Stack, run: StackRun, recover: boolean): Promise<OpenState> {
  const { files } = deps.clients;
  const paths = statePaths(deps.site, stack.name);
  const upstream = await ensureFresh(deps.clients, deps.site, stack, run.interrupt);
  const ours = recover || (await isPending(deps, stack.name));
  await sweepHalfWritten(deps, paths);
  const cipher = await decryptState(deps, paths.encrypted, run.interrupt);
  const plain = await readState(deps.clients, paths.plain);

  if (plain !== undefined && !sameState(plain, cipher?.facts)) {
    const isNewer =
      cipher === undefined || (plain.lineage === cipher.facts.lineage && plain.serial > cipher.facts.serial);
    // Not told as known, so that closing leaves it where it is.
    if (isNewer && ours && run.dryRun === true) return { facts: cipher?.facts };
    if (isNewer && ours) {
      run.progress(`saving the state of ${stack.name} that an earlier run left`);
      await saveState(deps, stack.name, cipher?.facts, run);
      await freeDeadLock(deps, stack.name);
      return { facts: plain };
    }
    const isOlder =
      cipher !== undefined && plain.lineage === cipher.facts.lineage && plain.serial < cipher.facts.serial;
    if (!isOlder) throw newer(plain, cipher?.facts, paths, encryptByHand(deps.site, stack.name, paths));
  }

  await bringHome(deps, stack, run, paths, upstream, ours);
  if (cipher !== undefined && !sameState(plain, cipher.facts)) await files.writeAtomic(paths.plain, cipher.text, 0o600);
  return { facts: cipher?.facts };
}

/** Commits and pushes an encrypted state that an earlier run could not. */
async function bringHome(
  deps: StackDeps,
  stack: Stack,
  run: StackRun,
  paths: StatePaths,
  upstream: Upstream | undefined,
  ours: boolean,
): Promise<void> {
  const { git } = deps.clients;
  const root = deps.site.root.value;
  const isUncommitted = (await git.status(root, [paths.encryptedInGit])).length > 0;
  if (isUncommitted && !ours) throw uncommitted(stack.name, paths.encryptedInGit);
  if (run.dryRun === true) return;
  if (isUncommitted) {
    await commitState(deps, stack.name, paths, run);
  } else if (upstream !== undefined && upstream.ahead > 0 && deps.site.stacks.tier0.push.value) {
    const at = async (revision: string) =>
      (await git.objectIds(root, revision, [paths.encryptedInGit]))[paths.encryptedInGit];
    if ((await at('HEAD')) !== (await at(upstream.revision))) await pushState(deps, stack.name, paths, run);
  }
  if (ours) await freeDeadLock(deps, stack.name);
  await clearPending(deps, stack.name);
}

/** A killed run can leave the temporary file from which a readable state was to appear. Holds the stack's lock. */
async function sweepHalfWritten(deps: StackDeps, paths: StatePaths): Promise<void> {
  const folder = dirname(paths.plain);
  for (const { name } of (await deps.clients.files.list(folder)) ?? []) {
    if (/^\.terraform\.tfstate\.[0-9a-f]+\.tmp$/.test(name)) await deps.clients.files.remove(`${folder}/${name}`);
  }
}

/** Removes the readable state once it is proved to be `known`, the one in git; anything else stays where it is. */
export async function closeState(deps: StackDeps, stack: string, known: StateFacts | undefined): Promise<void> {
  const paths = statePaths(deps.site, stack);
  const plain = await readState(deps.clients, paths.plain);
  if (plain !== undefined) await scrubStateCopies(deps, stack);
  if (plain === undefined || sameState(plain, known)) await deps.clients.files.remove(paths.plain);
}

function newer(
  plain: StateFacts,
  cipher: StateFacts | undefined,
  { plain: path }: StatePaths,
  command: string,
): InfraError {
  const found =
    cipher === undefined
      ? 'there is no encrypted state beside it'
      : plain.lineage !== cipher.lineage
        ? 'its lineage is another one than that of the encrypted state'
        : plain.serial === cipher.serial
          ? `it has the same serial ${plain.serial} as the encrypted state but other contents`
          : `its serial is ${plain.serial}, that of the encrypted state ${cipher.serial}`;
  return new InfraError(
    'stack.plaintext-newer',
    'refused',
    `Found a readable state ${path}: ${found}. Decrypting would overwrite it.`,
    {
      hints: [`If it is the right one: ${command}`, `If it is a left-over: rm ${path}`],
    },
  );
}

function uncommitted(stack: string, path: string): InfraError {
  return new InfraError(
    'stack.state-uncommitted',
    'refused',
    `The encrypted state of ${stack} (${path}) differs from the last commit, and no run of infra left it.`,
    {
      hints: [
        `git diff --stat -- ${path}`,
        `git commit -m "state(${stack}): update encrypted state" -- ${path}, or git restore ${path}`,
      ],
    },
  );
}
