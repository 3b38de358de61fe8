import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What goes wrong in one stack, as `<INFRA_SANDBOX_DIR>/faults.json` says under the stack's name (or `*`).
 * The file is read at every call, so that a test can change it while programs run.
 */
export type StackFaults = {
  /** Addresses that the plan deletes although the configuration wants them. */
  readonly planDelete?: readonly string[];
  readonly planReplace?: readonly string[];
  readonly planForget?: readonly string[];
  /** The plan fails with this summary (`true`: a standard one). */
  readonly planFails?: boolean | string;
  /** Apply fails once so many resources are done. */
  readonly applyFailsAfter?: number;
  /** What it then says, instead of a standard text. */
  readonly applyFailsSaying?: string;
  /** Somebody else holds the state's lock, shown as `Who` where the backend tells. */
  readonly lockedBy?: string;
  /** Vault is sealed once the first resource is done. */
  readonly sealVaultDuringApply?: boolean;
  /** The plan updates this unrelated address, as if somebody had changed it by hand (`true`: a standing one). */
  readonly drift?: boolean | string;
  /** Milliseconds that each resource takes at apply; one in hand goes on when this is taken back. */
  readonly slowApplyMs?: number;
  /** The backend has no state any more. */
  readonly stateLost?: boolean;
};

/** Faults by stack. */
export type Faults = Readonly<Record<string, StackFaults>>;

/** Sets the faults, for whoever reads them from now on: whole, never half of them. */
export function writeFaults(sandboxDir: string, faults: Faults): void {
  const file = join(sandboxDir, 'faults.json');
  writeFileSync(`${file}.new`, JSON.stringify(faults));
  renameSync(`${file}.new`, file);
}

/** The faults of one stack, those of `*` included. */
export function readFaults(sandboxDir: string, stack: string): StackFaults {
  try {
    const all = JSON.parse(readFileSync(join(sandboxDir, 'faults.json'), 'utf8')) as Faults;
    return { ...all['*'], ...all[stack] };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}
