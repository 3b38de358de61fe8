import { InfraError } from '../../errors.ts';
import type { StackDeps } from '../deps.ts';
import type { StackPlan } from '../stack.ts';

/**
 * Makes the folder that --save names, 0700. Plan files hold secrets in clear, so one that others may look into is refused.
 * Errors: `stack.save-not-private` (64), those of `Files`.
 */
export async function prepareSave({ clients }: Pick<StackDeps, 'clients'>, folder: string): Promise<void> {
  const found = await clients.files.info(folder);
  if (found === undefined) return await clients.files.makeFolder(folder, 0o700);
  if (found.kind === 'folder' && (found.mode & 0o077) === 0) return;
  throw new InfraError(
    'stack.save-not-private',
    'usage',
    `Plan files hold secrets in clear: ${folder} ${found.kind === 'folder' ? 'can be read by others' : 'is no folder'}.`,
    { hints: [`chmod 700 ${folder}, or name a folder that does not exist yet`] },
  );
}

/** Keeps a plan file as `DIR/STACK.tfplan`, 0600. Returns its path. Errors: those of `Files`. */
export async function savePlan(
  { clients }: Pick<StackDeps, 'clients'>,
  folder: string,
  plan: StackPlan,
): Promise<string> {
  const file = `${folder}/${plan.stack}.tfplan`;
  const bytes = await clients.files.readBytes(plan.file);
  if (bytes !== undefined) await clients.files.writeAtomic(file, bytes, 0o600);
  return file;
}
