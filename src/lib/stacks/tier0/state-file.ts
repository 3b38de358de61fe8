import { relative, resolve } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { digestOf } from '../plan/canonical.ts';
import { restoreByHand } from './by-hand.ts';

/** What a state is known by; never its contents. `digest` is of its canonical JSON. */
export type StateFacts = {
  readonly serial: number;
  readonly lineage: string;
  /** Managed resources. */
  readonly resources: number;
  readonly digest: string;
};

/** The two files of a Tier-0 state: readable while a stack is worked on, encrypted in git. */
export type StatePaths = { readonly plain: string; readonly encrypted: string; readonly encryptedInGit: string };

/** Paths of a stack's state below `stacks.tier0.stateFolder`. */
export function statePaths(site: Site, stack: string): StatePaths {
  const plain = resolve(site.root.value, site.stacks.tier0.stateFolder.value, stack, 'terraform.tfstate');
  const encrypted = `${plain}.enc`;
  return { plain, encrypted, encryptedInGit: relative(site.root.value, encrypted) };
}

/** Facts of a state from its text. Errors: `stack.state-unreadable` (65), which quotes nothing of it. */
export function parseState(text: string, path: string): StateFacts {
  const value = parseJson(text, path);
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const { serial, lineage, resources } = fields;
  if (typeof serial !== 'number' || typeof lineage !== 'string')
    throw unreadable(path, 'it has no serial or no lineage');
  const managed = (Array.isArray(resources) ? resources : []).filter(
    (resource: { readonly mode?: unknown }) => resource.mode === 'managed',
  );
  return { serial, lineage, resources: managed.length, digest: digestOf(value) };
}

/** Facts of a state file, or undefined when it is absent or empty (an interrupted write holds nothing to lose). */
export async function readState(clients: Pick<Clients, 'files'>, path: string): Promise<StateFacts | undefined> {
  const text = await clients.files.read(path);
  return text === undefined || text.trim() === '' ? undefined : parseState(text, path);
}

/** True when both are the same state: serial, lineage and contents. */
export function sameState(a: StateFacts | undefined, b: StateFacts | undefined): boolean {
  return a?.serial === b?.serial && a?.lineage === b?.lineage && a?.digest === b?.digest;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds secrets.
    throw unreadable(path, 'it is not JSON');
  }
}

function unreadable(path: string, why: string): InfraError {
  return new InfraError('stack.state-unreadable', 'data', `Read the state ${path}: ${why}.`, {
    // Without its encrypted state a stack would be planned as if nothing of it existed.
    hints: path.endsWith('.enc')
      ? restoreByHand(path)
      : [`If it is a left-over, move it away: mv ${path} ${path}.broken`],
  });
}
