import { InfraError } from '../../errors.ts';
import { restoreByHand } from './by-hand.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How a sops file was made: the store of its contents and the flags that make another with the same keys. */
export type SopsFile = {
  readonly type: 'json' | 'binary';
  /** Undefined when the keys cannot be given as flags (key groups, cloud keys): then .sops.yaml decides. */
  readonly flags: readonly string[] | undefined;
};

/** The store that is used where no encrypted file says otherwise. */
export const NEW_SOPS_FILE: SopsFile = { type: 'json', flags: undefined };

/** Rules of sops about what stays readable, and their flags. */
const RULES = {
  unencrypted_suffix: '--unencrypted-suffix',
  encrypted_suffix: '--encrypted-suffix',
  unencrypted_regex: '--unencrypted-regex',
  encrypted_regex: '--encrypted-regex',
} as const;

/**
 * Reads the metadata of an encrypted state. Its own keys are used again (Vault transit, age, PGP), so that a state keeps
 * its readers whatever .sops.yaml says meanwhile. Errors: `stack.state-unreadable` (65).
 */
export function readSopsFile(text: string, path: string): SopsFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notSops(path);
  }
  const file = asFields(value);
  const sops = asFields(file.sops);
  if (Object.keys(sops).length === 0) throw notSops(path);
  const rest = Object.keys(file).filter((key) => key !== 'sops');
  return { type: rest.length === 1 && rest[0] === 'data' ? 'binary' : 'json', flags: keyFlags(sops) };
}

function keyFlags(sops: Fields): readonly string[] | undefined {
  const others = ['key_groups', 'kms', 'gcp_kms', 'azure_kv', 'hckms'].some((name) => listOf(sops[name]).length > 0);
  if (others) return undefined;
  const transit = listOf(sops.hc_vault).map(
    (key) => `${String(key.vault_address)}/v1/${String(key.engine_path)}/keys/${String(key.key_name)}`,
  );
  const age = listOf(sops.age).map((key) => String(key.recipient));
  const pgp = listOf(sops.pgp).map((key) => String(key.fp));
  const keys = [flag('--hc-vault-transit', transit), flag('--age', age), flag('--pgp', pgp)].flat();
  if (keys.length === 0) return undefined;
  const rules = Object.entries(RULES).flatMap(([name, option]) => {
    const rule = sops[name];
    return typeof rule === 'string' && rule !== '' ? [option, rule] : [];
  });
  // An empty configuration: one without a rule for this path would make sops refuse although the keys are given.
  return ['--config', '/dev/null', ...keys, ...rules];
}

function flag(name: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [name, values.join(',')];
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(asFields) : [];
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function notSops(path: string): InfraError {
  return new InfraError('stack.state-unreadable', 'data', `Read ${path}: it is not a file that sops has encrypted.`, {
    hints: restoreByHand(path),
  });
}
