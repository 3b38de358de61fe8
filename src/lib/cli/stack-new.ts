import { join, relative } from 'node:path';
import type { Clients } from '../clients/clients.ts';
import { InfraError, isInfraError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { NewStack } from '../render/stack-new.ts';
import type { Site } from '../site/site.ts';
import { stacksFolder } from '../stacks/discover.ts';
import { compose, partsOf } from '../stacks/scaffold/compose.ts';
import { readConventions } from '../stacks/scaffold/conventions.ts';
import { assertFree, createStack } from '../stacks/scaffold/create.ts';
import { assertRequest, type ScaffoldRequest } from '../stacks/scaffold/request.ts';
import { readUsers } from '../users/document.ts';
import type { Context } from './context.ts';

/** What a new stack is made with. `templates` is the folder of the installation. */
export type NewStackRun = {
  readonly context: Context;
  readonly templates: string;
  readonly signal: AbortSignal;
  readonly dryRun: boolean;
  readonly validate: boolean;
};

/**
 * Makes a stack from the templates, or with `dryRun` only tells what it would be.
 * Errors: those of `assertRequest`, `assertFree`, `compose`, `createStack`; `stack.new-name-of-user`,
 * `stack.new-name-of-secret` (65).
 */
export async function runNew(run: NewStackRun, request: ScaffoldRequest): Promise<NewStack> {
  assertRequest(request);
  const { context } = run;
  const site = await context.site('write');
  const clients = await context.clients('files', 'processes');
  const conventions = await readConventions(clients, site);
  await assertFree(clients, site, request.name, conventions);
  const inVault = await freeInVault(context, site, request);
  const composition = compose(request, conventions, site, await templatesOf(clients, run.templates, request));
  const checked = run.dryRun
    ? []
    : await createStack(clients, site, composition, { validate: run.validate, signal: run.signal });
  const folder = relative(site.root.value, join(stacksFolder(site), request.name));
  return {
    composition,
    folder,
    dryRun: run.dryRun,
    findings: [inVault, ...checked],
    next: run.dryRun
      ? ['the same command without --dry-run']
      : [`git add ${folder}`, `infra stack plan ${request.name}`],
  };
}

async function templatesOf(
  { files }: Pick<Clients, 'files'>,
  folder: string,
  request: ScaffoldRequest,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const part of partsOf(request)) {
    const text = await files.read(join(folder, part));
    if (text === undefined) {
      throw new InfraError('stack.no-template', 'config', `The installation of infra lacks ${join(folder, part)}.`);
    }
    texts.set(part, text);
  }
  return texts;
}

/** A user of the name would own the stack's namespace and secret; somebody's secret must not become the stack's. */
async function freeInVault(context: Context, site: Site, { name, secret }: ScaffoldRequest): Promise<Finding> {
  const base = { id: 'stack.new.name', title: 'name in Vault' };
  if (site.vault.address.value === undefined) {
    return { ...base, verdict: 'SKIP', reason: 'not-configured', detail: 'it is not known where Vault is' };
  }
  try {
    const { vault } = await context.clients('vault');
    const path = site.vault.users.path.value;
    const kv = `${path.split('/', 1)[0]}/${name}`;
    const [users, hasSecret, below] = await Promise.all([vault.kvRead(path), vault.kvExists(kv), vault.kvList(kv)]);
    if (readUsers(users, site).users.has(name)) {
      throw new InfraError('stack.new-name-of-user', 'data', `${name} is a user: the namespace and ${kv} are theirs.`, {
        hints: [`infra user show ${name}`, 'Choose another name.'],
      });
    }
    const isThere = hasSecret || (below ?? []).length > 0;
    if (isThere && secret !== true) {
      throw new InfraError(
        'stack.new-name-of-secret',
        'data',
        `Vault has ${kv} already, and no --secret was asked for.`,
        {
          hints: ['If it is meant for this stack: --secret', 'Else choose another name.'],
        },
      );
    }
    const detail = isThere ? `${kv} is there for it; no user of that name` : `no user and no ${kv}`;
    return { ...base, verdict: 'PASS', detail };
  } catch (error) {
    if (!isInfraError(error) || error.code.startsWith('stack.')) throw error;
    const reason = error.status === 'denied' ? 'forbidden' : 'unreachable';
    return { ...base, verdict: 'UNKNOWN', reason, detail: error.message };
  }
}
