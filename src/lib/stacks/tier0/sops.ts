import type { ProcessIdentity } from '../../clients/process/client.ts';
import { InfraError } from '../../errors.ts';
import type { StackDeps } from '../deps.ts';
import { NEW_SOPS_FILE, readSopsFile } from './sops-keys.ts';
import type { StateFacts, StatePaths } from './state-file.ts';
import { parseState } from './state-file.ts';

type SopsDeps = Pick<StackDeps, 'clients' | 'site' | 'childSecrets'>;

/** A decrypted state: its text, which never leaves memory but for the 0600 file, and its facts. */
export type DecryptedState = { readonly text: string; readonly facts: StateFacts };

/**
 * Decrypts a state into memory, or undefined when there is no such file. sops asks Vault's transit engine or an age key.
 * Errors: `stack.state-not-decrypted` (69), `stack.state-unreadable` (65), `process.not-found` (78).
 */
export async function decryptState(
  deps: SopsDeps,
  encrypted: string,
  signal?: AbortSignal,
): Promise<DecryptedState | undefined> {
  const cipher = await deps.clients.files.read(encrypted);
  if (cipher === undefined) return undefined;
  const { type } = readSopsFile(cipher, encrypted);
  const finished = await deps.clients.processes.run(
    command(deps, ['--decrypt', '--input-type', type, '--output-type', type, encrypted]),
    signal === undefined ? {} : { signal },
  );
  if (finished.exitCode !== 0) {
    throw new InfraError(
      'stack.state-not-decrypted',
      'unavailable',
      `sops could not decrypt ${encrypted}: ${lastLines(finished.stderr)}.`,
      {
        hints: [
          'Is Vault unsealed and the token valid? vault status; vault token lookup',
          `sops --decrypt ${encrypted} > /dev/null`,
        ],
      },
    );
  }
  return { text: finished.stdout, facts: parseState(finished.stdout, encrypted) };
}

/**
 * Encrypts the readable state with the keys of the existing encrypted one, else by .sops.yaml, and proves by decrypting
 * it again that serial, lineage and contents are the same. The result is at `into`. It is never interrupted: a state
 * that is half encrypted helps nobody. Errors: `stack.sops-failed` (69); those of `decryptState`.
 */
export async function encryptState(
  deps: SopsDeps,
  paths: StatePaths,
  facts: StateFacts,
  into: string,
  onStart: (child: ProcessIdentity) => Promise<void>,
): Promise<void> {
  const { files, processes } = deps.clients;
  const known = await files.read(paths.encrypted);
  const { type, flags } = known === undefined ? NEW_SOPS_FILE : readSopsFile(known, paths.encrypted);
  const outputFolder = await files.makePrivateTemp('infra-sops-');
  try {
    const args = [...(flags ?? []), '--encrypt', '--input-type', type, '--output-type', type];
    const finished = await processes.hold(
      command(deps, [...args, '--filename-override', paths.encryptedInGit, paths.plain]),
      {
        outputFolder,
        onStart,
        interrupt: new AbortController().signal,
      },
    );
    if (finished.exitCode !== 0) {
      throw new InfraError(
        'stack.sops-failed',
        'unavailable',
        `sops could not encrypt ${paths.plain}: ${lastLines(finished.stderr)}.`,
      );
    }
    await files.writeAtomic(into, finished.stdout, 0o600);
  } finally {
    await files.remove(outputFolder);
  }
  const again = await decryptState(deps, into);
  if (
    again?.facts.serial !== facts.serial ||
    again.facts.lineage !== facts.lineage ||
    again.facts.digest !== facts.digest
  ) {
    await files.remove(into);
    throw new InfraError(
      'stack.sops-failed',
      'unavailable',
      `sops encrypted ${paths.plain}, but decrypting gave another state.`,
    );
  }
}

function command(deps: SopsDeps, args: readonly string[]) {
  return {
    program: 'sops',
    args,
    cwd: deps.site.root.value,
    ...(deps.childSecrets ? { secretEnv: deps.childSecrets } : {}),
  };
}

/** The end of what sops said; it names keys and paths, never contents. */
function lastLines(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const failed = lines.filter((line) => /fail|error|denied|refused|sealed|no such|no matching/i.test(line));
  return (failed.length > 0 ? failed : lines).slice(0, 3).join('; ').replace(/\.$/, '') || 'it said nothing';
}
