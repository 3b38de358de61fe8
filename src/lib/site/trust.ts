import { join } from 'node:path';
import { InfraError } from '../errors.ts';
import { type TrustSubject, trustedForm, trustSubjects } from './addresses.ts';
import { originUrl } from './origin.ts';
import { type Environment, type Reading, readText, variable } from './reading.ts';
import type { Site } from './site.ts';

/** What is accepted for one repository, and where that is kept: outside of it. */
export type Trust = {
  readonly file: string;
  /** Real path of the repository and URL of its origin: a moved or replaced clone asks again. */
  readonly root: string;
  readonly origin: string;
  readonly accepted: ReadonlySet<string>;
};

type Entry = { readonly root: string; readonly origin: string; readonly accepted: readonly string[] };

/** Writing, as the `Files` client has it. */
export type TrustWriting = Reading & {
  readonly writeAtomic: (path: string, content: string, mode: number) => Promise<void>;
};

/** `${XDG_CONFIG_HOME:-~/.config}/infra/trust.json`. Errors: `config.no-home` (78). */
function trustFile(env: Environment): string {
  const base = variable(env, 'XDG_CONFIG_HOME');
  if (base?.startsWith('/')) return join(base, 'infra', 'trust.json');
  const home = variable(env, 'HOME');
  if (home !== undefined) return join(home, '.config', 'infra', 'trust.json');
  throw new InfraError(
    'config.no-home',
    'config',
    'Neither HOME nor XDG_CONFIG_HOME is set: nowhere to keep what you trust.',
    {
      hints: ['export HOME=/home/you'],
    },
  );
}

/**
 * What was accepted for this repository. A missing file means nothing. Errors: `config.trust-unreadable` (78) when the
 * file is damaged, `config.trust-unsafe` (78) when others may write it.
 */
export async function readTrust(files: Reading, env: Environment, root: string): Promise<Trust> {
  const file = trustFile(env);
  const [real, origin, entries] = await Promise.all([
    files.realPath(root),
    originUrl(files, root),
    readEntries(files, file),
  ]);
  const key = { root: real ?? root, origin: origin ?? '' };
  const own = entries.find((entry) => entry.root === key.root && entry.origin === key.origin);
  return { file, ...key, accepted: new Set(own?.accepted ?? []) };
}

/** Whether credentials may go to an address. `ambient`: what the user's own environment names, VAULT_ADDR and the kubeconfig's server. */
export function isTrusted(
  trust: Pick<Trust, 'accepted'>,
  address: string,
  ambient: readonly (string | undefined)[] = [],
): boolean {
  const form = trustedForm(address);
  return trust.accepted.has(form) || ambient.some((own) => own !== undefined && trustedForm(own) === form);
}

/** What this site asks for and nobody has accepted yet. */
export function untrusted(
  site: Site,
  trust: Pick<Trust, 'accepted'>,
  ambient: readonly (string | undefined)[] = [],
): readonly TrustSubject[] {
  return trustSubjects(site).filter(({ subject }) => !isTrusted(trust, subject, ambient));
}

/** The error for a credential that was about to go somewhere nobody accepted: `config.untrusted` (78). */
export function untrustedError({ key, subject, source, what }: TrustSubject): InfraError {
  return new InfraError(
    'config.untrusted',
    'config',
    `${source} sets ${key} to ${subject}, which was not accepted on this machine. It would get: ${what}. Nothing was sent.`,
    {
      hints: [
        'If it is right, accept it once: infra config trust',
        ...(key === 'vault.address' ? [`or export VAULT_ADDR=${subject}`] : []),
      ],
    },
  );
}

/** Accepts subjects for a repository, keeping what else the file says. The file is 0600. */
export async function accept(files: TrustWriting, trust: Trust, subjects: readonly string[]): Promise<void> {
  const others = (await readEntries(files, trust.file)).filter(
    (entry) => entry.root !== trust.root || entry.origin !== trust.origin,
  );
  const own: Entry = {
    root: trust.root,
    origin: trust.origin,
    accepted: [...new Set([...trust.accepted, ...subjects])].sort(),
  };
  await files.writeAtomic(
    trust.file,
    `${JSON.stringify({ version: 1, sites: [...others, own] }, undefined, 2)}\n`,
    0o600,
  );
}

async function readEntries(files: Reading, file: string): Promise<readonly Entry[]> {
  const info = await files.info(file);
  if (info === undefined) return [];
  if ((info.mode & 0o022) !== 0) {
    throw new InfraError(
      'config.trust-unsafe',
      'config',
      `${file} may be written by others: what it accepts cannot be relied on.`,
      {
        hints: [`Look at it, then: chmod 600 ${file}`],
      },
    );
  }
  const parsed = parse((await readText(files, file)) ?? '');
  if (parsed !== undefined) return parsed;
  throw new InfraError('config.trust-unreadable', 'config', `Read ${file}: it is not what infra config trust writes.`, {
    hints: [`Move it away and accept again: mv ${file} ${file}.old && infra config trust`],
  });
}

function parse(text: string): readonly Entry[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const sites: unknown = typeof value === 'object' && value !== null && 'sites' in value ? value.sites : undefined;
  return Array.isArray(sites) && sites.every(isEntry) ? sites : undefined;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { root, origin, accepted } = value as Partial<Record<keyof Entry, unknown>>;
  return (
    typeof root === 'string' &&
    typeof origin === 'string' &&
    Array.isArray(accepted) &&
    accepted.every((one) => typeof one === 'string')
  );
}
