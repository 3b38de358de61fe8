import { join } from 'node:path';
import { InfraError } from '../errors.ts';
import { discover } from './discovery.ts';
import { DEFAULT_WRAPPER, effectiveSite } from './effective.ts';
import { type Environment, type Reading, variable } from './reading.ts';
import { type Repository, requireRepository, type Search, SITE_FILE } from './repository.ts';
import type { SiteDocument } from './schema.ts';
import type { Site } from './site.ts';
import { byPosition, printed } from './violation.ts';

/** Something in infra.yaml that does not stop a command that only reads. */
export type SiteWarning = { readonly code: string; readonly message: string };

/** `mode: 'write'` for commands that change something: an unknown key is an error there, it may be a misspelt safety. */
export type LoadOptions = Search & { readonly mode: 'read' | 'write' };

/**
 * Finds the repository and reads its site. Errors, all 78: `config.no-repository`, `config.invalid` (every violation with
 * line and column), `config.unknown-key` (writes only), `config.bad-environment`.
 */
export async function loadSite(
  options: LoadOptions,
): Promise<{ readonly site: Site; readonly warnings: readonly SiteWarning[] }> {
  return loadRepository(await requireRepository(options), options);
}

async function loadRepository(
  repository: Repository,
  options: Pick<LoadOptions, 'files' | 'env' | 'mode'>,
): Promise<{ readonly site: Site; readonly warnings: readonly SiteWarning[] }> {
  const { files, env, mode } = options;
  checkEnvironment(env);
  const { root } = repository;
  const file = join(root, SITE_FILE);
  const read = repository.hasFile ? await readSiteFile(files, file) : undefined;
  const warnings = (read?.unknownKeys ?? []).map((key) => printed(SITE_FILE, key));
  if (read !== undefined && read.violations.length > 0)
    throw invalid(
      file,
      [...read.violations, ...read.unknownKeys].sort(byPosition).map((one) => printed(SITE_FILE, one)),
    );
  if (mode === 'write' && warnings.length > 0) throw unknownKeys(file, warnings);
  const document: SiteDocument = read?.document ?? {};
  const discovered = await discover(files, root, document.stacks?.wrapper ?? DEFAULT_WRAPPER);
  const site = effectiveSite({
    root: { value: root, source: repository.source },
    file: repository.hasFile ? file : undefined,
    document,
    place: read?.place ?? (() => ({ line: 1, column: 1 })),
    discovered,
    env,
  });
  return { site, warnings };
}

/** Reads and judges one infra.yaml. Errors: `config.unreadable` (78) when it is not a file. */
export async function readSiteFile(files: Reading, file: string) {
  const info = await files.info(file);
  if (info?.kind === 'folder' || info?.kind === 'other') throw unreadable(file, 'it is not a file');
  // zod and yaml are loaded only where there is something to judge: a site without infra.yaml costs nothing.
  const { MAX_BYTES, readDocument } = await import('./document.ts');
  const bytes = await files.readBytes(file, MAX_BYTES + 1);
  if (bytes === undefined) throw unreadable(file, 'the link leads nowhere');
  return readDocument(bytes);
}

function unreadable(file: string, why: string): InfraError {
  return new InfraError('config.unreadable', 'config', `Read ${file}: ${why}.`);
}

function invalid(file: string, violations: readonly SiteWarning[]): InfraError {
  const count = violations.length === 1 ? '1 thing is' : `${violations.length} things are`;
  return new InfraError('config.invalid', 'config', `Read ${file}: ${count} wrong.`, {
    violations,
    hints: ['What is allowed: infra config schema', 'Check again: infra config check'],
  });
}

function unknownKeys(file: string, violations: readonly SiteWarning[]): InfraError {
  const count = violations.length === 1 ? '1 key is' : `${violations.length} keys are`;
  return new InfraError(
    'config.unknown-key',
    'config',
    `Read ${file}: ${count} unknown. A command that writes does not guess what they mean; nothing was changed.`,
    {
      violations,
      hints: ['Correct or remove them, then check again: infra config check'],
    },
  );
}

function checkEnvironment(env: Environment): void {
  const value = variable(env, 'VAULT_ADDR');
  if (value === undefined) return;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return;
  throw new InfraError(
    'config.bad-environment',
    'config',
    'VAULT_ADDR is not an http:// or https:// address without user name and password.',
    {
      hints: ['Set it to the address of Vault: export VAULT_ADDR=https://vault.example.com'],
    },
  );
}
