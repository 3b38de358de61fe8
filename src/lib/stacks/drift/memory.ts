import type { StackDeps } from '../deps.ts';
import { siteHash } from '../tier0/pending.ts';
import type { DriftState } from './result.ts';

/** What earlier looks found of one stack, ISO 8601. */
export type Remembered = { readonly firstSeen?: string; readonly lastClean?: string };
export type Memory = Readonly<Record<string, Remembered>>;

type MemoryDeps = Pick<StackDeps, 'site' | 'stateFolder'> & { readonly clients: Pick<StackDeps['clients'], 'files'> };

const pathOf = (deps: MemoryDeps): string => `${deps.stateFolder}/drift/${siteHash(deps.site.root.value)}.json`;

/** What earlier looks found. A file that is damaged is as none: it is an aid, and written anew. Errors: those of `Files`. */
export async function readMemory(deps: MemoryDeps): Promise<Memory> {
  try {
    const value: unknown = JSON.parse((await deps.clients.files.read(pathOf(deps))) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value as Record<string, Record<string, unknown>>).map(([stack, seen]) => [
        stack,
        { ...iso('firstSeen', seen?.firstSeen), ...iso('lastClean', seen?.lastClean) },
      ]),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function iso(key: keyof Remembered, value: unknown): Remembered {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? { [key]: value } : {};
}

/** What is known after a look: drift keeps the moment it was seen first; what could not be planned stays as it was. */
export function remember(memory: Memory, stack: string, state: DriftState, now: string): Remembered {
  const known = memory[stack] ?? {};
  if (state === 'drift' || state === 'unconfirmed') return { ...known, firstSeen: known.firstSeen ?? now };
  if (state === 'clean' || state === 'settled') return { lastClean: now };
  return known;
}

/** Keeps it for the next look. Errors: those of `Files`. */
export async function writeMemory(deps: MemoryDeps, memory: Memory): Promise<void> {
  await deps.clients.files.writeAtomic(pathOf(deps), `${JSON.stringify(memory)}\n`, 0o600);
}
