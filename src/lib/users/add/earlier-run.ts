import { createHash } from 'node:crypto';
import type { Clients } from '../../clients/clients.ts';
import type { RunRecord } from '../../operation/journal.ts';
import { listRuns } from '../../operation/journal.ts';
import { isUnfinished } from '../../operation/run-state.ts';
import type { Site } from '../../site/site.ts';
import type { Change } from '../../stacks/stack.ts';
import type { User } from '../entry.ts';

/** What an earlier run of the same `user add` left behind. */
export type EarlierRun = {
  readonly record: RunRecord;
  /** Its plans from before the edit; undefined when it had none. */
  readonly baseline: ReadonlyMap<string, readonly Change[]> | undefined;
  /** True when its entry and the stacks' inputs are those of now and it had been confirmed: no second question. */
  readonly sameInputs: boolean;
  /** Stacks whose state it may have changed without committing it. */
  readonly applying: readonly string[];
};

/** The name of the operation in journals and lock files. */
export const ADD_OPERATION = 'user add';

/** The inputs that a later run compares: the entry, and a digest of the stacks' files. */
export type AddInputs = { readonly entry: string; readonly tree: string };

/**
 * What the runs for this user and repository left open, or undefined. All of them count back to the last one that
 * settled what was before it: a run that went on may have been killed before it had written down what it inherited.
 */
export async function findEarlierRun(
  clients: Pick<Clients, 'files'>,
  stateFolder: string,
  site: Site,
  user: User,
  inputs: AddInputs,
): Promise<EarlierRun | undefined> {
  const records = (await listRuns(clients, stateFolder)).filter(
    ({ header }) =>
      header.operation === ADD_OPERATION && header.target === user.name && header.site === site.root.value,
  );
  const settled = records.findIndex(
    (record) => record.end?.status === 'ok' || (wrote(record) && !isUnfinished(record)),
  );
  const open = settled < 0 ? records : records.slice(0, settled);
  const record = open.find(isUnfinished);
  if (record === undefined) return undefined;
  // A run writes all of its baseline before its first step; one that began none may have copied a part only.
  const writer = open.find(wrote);
  return {
    record,
    baseline: baselineOf(writer ?? record),
    sameInputs: open.some(
      ({ header, lines }) =>
        lines.some((line) => line.event === 'confirmed') &&
        header.inputs.entry === inputs.entry &&
        header.inputs.tree === inputs.tree,
    ),
    applying: [...new Set(open.flatMap(applyingOf))],
  };
}

/** True when the run itself began a write. */
function wrote(record: RunRecord): boolean {
  return record.lines.some((line) => line.event === 'step-applying');
}

/** Stacks that this run, or one that it went on from, has begun to apply. */
function applyingOf(record: RunRecord): readonly string[] {
  const own = record.lines.filter((line) => line.event === 'step-applying').map((line) => line.step ?? '');
  const inherited = record.lines.flatMap((line) => (line.event === 'run-resumed' ? line.data?.applying : []));
  const stacks = own.filter((step) => step.startsWith('stack ')).map((step) => step.slice('stack '.length));
  return [...stacks, ...inherited.filter((name) => typeof name === 'string')];
}

function baselineOf(record: RunRecord): ReadonlyMap<string, readonly Change[]> | undefined {
  const lines = record.lines.filter((line) => line.event === 'baseline');
  if (lines.length === 0) return undefined;
  return new Map(
    lines.map(({ data }) => [
      String(data?.stack),
      (Array.isArray(data?.changes) ? data.changes : []).map((change) => ({ ...(change as Change), namesUser: false })),
    ]),
  );
}

/**
 * Digest of everything that decides what the stacks will do, apart from Vault: their folders, modules, root files; what is
 * not committed by its contents.
 */
export async function treeDigest(
  clients: Pick<Clients, 'git' | 'files'>,
  site: Site,
  stacks: readonly string[],
): Promise<string> {
  const root = site.root.value;
  const paths = [
    ...stacks.map((name) => `${site.stacks.dir.value}/${name}`),
    'modules',
    'terragrunt.hcl',
    'config.tfvars',
  ];
  const head = await clients.git.head(root);
  const committed = head === undefined ? {} : await clients.git.objectIds(root, head, paths);
  const changed = await Promise.all(
    (await clients.git.status(root, paths)).map(async ({ code, path }) => {
      const kind = (await clients.files.info(`${root}/${path}`))?.kind;
      const bytes = kind === 'file' ? await clients.files.readBytes(`${root}/${path}`) : undefined;
      return [code, path, bytes === undefined ? kind : createHash('sha256').update(bytes).digest('hex')];
    }),
  );
  return createHash('sha256')
    .update(JSON.stringify([committed, changed]))
    .digest('hex')
    .slice(0, 16);
}

/** The entry as one comparable text. */
export function entryText(user: User): string {
  const { role, email, namespaces, domains, quota } = user.entry;
  return JSON.stringify({ role, email, namespaces, domains, quota: Object.entries(quota).sort() });
}
