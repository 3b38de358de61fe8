import { join, resolve } from 'node:path';
import type { Files } from '../../clients/files/client.ts';
import { faultsOf } from '../../diagnosis/faults.ts';
import type { Runbook } from '../../diagnosis/runbook.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { parseYaml } from '../../site/yaml-text.ts';
import { inconsistencies } from './check.ts';
import { type Cel, loadCel } from './expression.ts';
import { makeProbe } from './probe.ts';
import { type OwnRunbook, ownRunbookSchema } from './schema.ts';

/** A runbook of the site. `path` is relative to the repository, `entry` the item of `runbooks` in infra.yaml that led to it. */
export type SiteRunbook = { readonly path: string; readonly entry: string; readonly runbook: Runbook };

/** Something wrong in a file: `code`, and `runbooks/weather.yaml:12:5: …`. */
export type RunbookViolation = { readonly code: string; readonly message: string };

/** What the site's own files came to. A bad file costs that file only. */
export type SiteRunbooks = {
  readonly runbooks: readonly SiteRunbook[];
  readonly violations: readonly RunbookViolation[];
};

const MAX_BYTES = 262_144;

/**
 * Reads every runbook that infra.yaml names: files, or folders of .yaml files. `reserved` are the subjects that exist
 * already. Nothing is asked of the platform. Errors: those of `Files`.
 */
export async function readOwnRunbooks(
  files: Pick<Files, 'info' | 'list' | 'read'>,
  site: Site,
  reserved: readonly string[],
): Promise<SiteRunbooks> {
  const entries = site.runbooks.value;
  if (entries.length === 0) return { runbooks: [], violations: [] };
  const cel = await loadCel();
  const taken = [...reserved];
  const runbooks: SiteRunbook[] = [];
  const violations: RunbookViolation[] = [];
  for (const entry of entries) {
    const paths = await pathsOf(files, site.root.value, entry);
    if (paths === undefined)
      violations.push({ code: 'runbook.missing', message: `${entry}: infra.yaml names it, and it is not there` });
    for (const path of paths ?? []) {
      const found = await readOne(files, site.root.value, path, taken, cel);
      if ('violations' in found) violations.push(...found.violations);
      else {
        taken.push(found.runbook.subject);
        runbooks.push({ path, entry, runbook: found.runbook });
      }
    }
  }
  return { runbooks, violations };
}

/** The error that names everything that is wrong in the site's runbooks: `runbook.invalid` (78). */
export function invalidRunbooks(violations: readonly RunbookViolation[]): InfraError {
  const files = new Set(violations.map(({ message }) => message.split(':')[0]));
  const what = files.size === 1 ? 'A runbook of the site is' : `${files.size} runbooks of the site are`;
  return new InfraError('runbook.invalid', 'config', `${what} not what a runbook has to be.`, {
    violations,
    hints: ['What a runbook holds: docs/own-runbooks.md'],
  });
}

async function pathsOf(
  files: Pick<Files, 'info' | 'list'>,
  root: string,
  entry: string,
): Promise<readonly string[] | undefined> {
  const info = await files.info(resolve(root, entry));
  if (info === undefined) return undefined;
  if (info.kind !== 'folder') return [entry];
  const found = (await files.list(resolve(root, entry))) ?? [];
  return found
    .filter(({ kind, name }) => kind === 'file' && /\.ya?ml$/.test(name))
    .map(({ name }) => join(entry, name));
}

async function readOne(
  files: Pick<Files, 'info' | 'read'>,
  root: string,
  path: string,
  reserved: readonly string[],
  cel: Cel,
): Promise<{ readonly runbook: Runbook } | { readonly violations: readonly RunbookViolation[] }> {
  const at = (code: string, { line, column }: { line: number; column: number }, text: string): RunbookViolation => ({
    code,
    message: `${path}:${line}:${column}: ${text}`,
  });
  const start = { line: 1, column: 1 };
  if (((await files.info(resolve(root, path)))?.size ?? 0) > MAX_BYTES)
    return { violations: [at('runbook.too-large', start, `the file is larger than ${MAX_BYTES / 1024} KiB`)] };
  const yaml = parseYaml((await files.read(resolve(root, path))) ?? '');
  if (yaml.violations.length > 0)
    return {
      violations: yaml.violations.map((one) =>
        at('runbook.bad-yaml', one, one.text.replaceAll('infra.yaml', 'a runbook')),
      ),
    };
  const parsed = ownRunbookSchema.safeParse(yaml.data);
  if (!parsed.success) {
    const violations = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => at('runbook.unknown-key', yaml.place([...issue.path, key]), `unknown key "${key}"`))
        : [
            at(
              'runbook.invalid-value',
              yaml.place(issue.path),
              `${issue.path.at(-1) === undefined ? '' : `${String(issue.path.at(-1))} `}${issue.message.replace(/^Invalid input: /, 'is wrong: ')}`,
            ),
          ],
    );
    return { violations };
  }
  const faults = inconsistencies(parsed.data, reserved, cel);
  if (faults.length > 0)
    return { violations: faults.map(({ path: place, text }) => at('runbook.inconsistent', yaml.place(place), text)) };
  const runbook = runbookOf(parsed.data, cel);
  const wrong = faultsOf(runbook);
  return wrong.length > 0 ? { violations: wrong.map((text) => at('runbook.inconsistent', start, text)) } : { runbook };
}

function runbookOf(own: OwnRunbook, cel: Cel): Runbook {
  const { subject, title, introduction, layers, probes, causes } = own;
  return {
    ...{ subject, title, introduction, layers },
    probes: probes.map((probe) => makeProbe(probe, cel)),
    causes: causes.map(({ remedies, ...cause }) => ({ ...cause, remedies: () => remedies })),
  };
}
