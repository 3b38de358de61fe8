import { createHash, randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { InfraError } from '../../errors.ts';
import type { StackDeps } from '../deps.ts';
import { siteHash } from '../tier0/pending.ts';
import { isIdentity } from '../tier0/vault-lock.ts';

type FolderDeps = Pick<StackDeps, 'clients' | 'site' | 'stateFolder' | 'runId'>;

/**
 * A new 0700 folder for one plan. Plan files hold secrets in clear and are readable for all by the umask, so they live
 * nowhere else, and the folder names its owner: what a killed run left is removed by the next one.
 */
export async function makePlanFolder(deps: FolderDeps, stack: string): Promise<string> {
  const { files, processes } = deps.clients;
  const folder = `${plansFolder(deps)}/${siteHash(deps.site.root.value)}-${stack}-${deps.runId}-${randomBytes(4).toString('hex')}`;
  await files.makeFolder(folder, 0o700);
  await files.writeAtomic(`${folder}/owner.json`, `${JSON.stringify(await processes.self())}\n`, 0o600);
  return folder;
}

/** Removes the plan folders of this stack whose owner is dead. The caller holds the stack's lock, so no child uses one. */
export async function sweepPlanFolders(deps: FolderDeps, stack: string): Promise<void> {
  const { files, processes } = deps.clients;
  const prefix = `${siteHash(deps.site.root.value)}-${stack}-`;
  for (const { name } of (await files.list(plansFolder(deps))) ?? []) {
    // Run and number follow; more parts belong to another stack, whose name begins like this one.
    if (!name.startsWith(prefix) || name.slice(prefix.length).split('-').length !== 2) continue;
    const folder = `${plansFolder(deps)}/${name}`;
    const owner = parseOwner(await files.read(`${folder}/owner.json`));
    if (owner === undefined || (await processes.liveness(owner)) === 'dead') await files.remove(folder);
  }
}

/** SHA-256 of a plan file in hex. Errors: `stack.plan-missing` (4). */
export async function fileDigest(deps: Pick<StackDeps, 'clients'>, file: string): Promise<string> {
  const bytes = await deps.clients.files.readBytes(file);
  if (bytes === undefined) {
    throw new InfraError(
      'stack.plan-missing',
      'refused',
      `The plan file ${file} is gone, so nothing can be applied from it.`,
      {
        hints: ['Run the same command again: it plans anew.'],
        nothingChanged: true,
      },
    );
  }
  return createHash('sha256').update(bytes).digest('hex');
}

/** Removes the folder of a plan file. */
export async function removePlan(deps: Pick<StackDeps, 'clients'>, file: string): Promise<void> {
  await deps.clients.files.remove(dirname(file));
}

function plansFolder(deps: FolderDeps): string {
  return `${deps.stateFolder}/plans`;
}

function parseOwner(text: string | undefined) {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isIdentity(value) ? value : undefined;
  } catch {
    // Killed between making the folder and naming its owner: it holds no plan yet.
    return undefined;
  }
}
