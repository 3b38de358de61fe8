import type { Clients } from '../clients/clients.ts';
import type { ProcessIdentity } from '../clients/process/client.ts';
import { isInfraError } from '../errors.ts';
import { makeRedactor } from '../secrets/redaction.ts';
import type { JournalEvent, JournalLine } from './journal-line.ts';
import { parseJournal } from './journal-line.ts';

/** Who runs what: the first line of a journal, and all that a resume needs. */
export type RunHeader = {
  readonly id: string;
  /** `user add`, … */
  readonly operation: string;
  /** What it works on, e.g. the user's name. */
  readonly target: string;
  /** Root of the infra repository. */
  readonly site: string;
  /** The operation's own inputs (flags, the entry), without secrets. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The process that runs it. */
  readonly process: ProcessIdentity;
  /** Version of infra. */
  readonly version: string;
};

/** An open journal: every write is on disk before the promise resolves. */
export type Journal = {
  readonly header: RunHeader;
  readonly path: string;
  write(event: JournalEvent, step?: string, data?: Readonly<Record<string, unknown>>): Promise<void>;
};

/** A journal as read back. `end` is undefined when the run was killed or is still running. */
export type RunRecord = {
  readonly header: RunHeader;
  readonly path: string;
  readonly startedAt: string;
  readonly lines: readonly JournalLine[];
  readonly damaged: number;
  readonly end: { readonly at: string; readonly status: string; readonly code?: string } | undefined;
};

type JournalClients = Pick<Clients, 'files' | 'clock'>;

/** Folder of the journals below the state folder. */
function runsFolder(stateFolder: string): string {
  return `${stateFolder}/runs`;
}

/**
 * Starts a journal with its header line, file mode 0600. Every text goes through `redact`: errors quote programs, and a
 * program may quote its connection string. Errors: those of `Files.appendDurably`.
 */
export async function startJournal(
  clients: JournalClients,
  stateFolder: string,
  header: RunHeader,
  redact: (text: string) => string = makeRedactor().redact,
): Promise<Journal> {
  const path = `${runsFolder(stateFolder)}/${header.id}.jsonl`;
  await clients.files.makeFolder(runsFolder(stateFolder), 0o700);
  const write: Journal['write'] = async (event, step, data) => {
    const line: JournalLine = {
      at: clients.clock.now().toISOString(),
      event,
      ...(step === undefined ? {} : { step }),
      ...(data === undefined ? {} : { data }),
    };
    // Text by text, not the whole line: what is cut out of a line of JSON could take its end along.
    const row = JSON.stringify(line, (_key, value: unknown) => (typeof value === 'string' ? redact(value) : value));
    await clients.files.appendDurably(path, `${row}\n`, 0o600);
  };
  await write('run-start', undefined, header);
  return { header, path, write };
}

/** Every journal of the state folder, newest first. A file that is no journal is left out. */
export async function listRuns(clients: Pick<Clients, 'files'>, stateFolder: string): Promise<readonly RunRecord[]> {
  const entries = (await clients.files.list(runsFolder(stateFolder))) ?? [];
  const names = entries
    .filter((entry) => entry.kind === 'file' && entry.name.endsWith('.jsonl'))
    .map((entry) => entry.name);
  const records: RunRecord[] = [];
  for (const name of names) {
    const record = await readRun(clients, `${runsFolder(stateFolder)}/${name}`);
    if (record !== undefined) records.push(record);
  }
  return records.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/** One journal, or undefined when the file is absent, unreadable for this user, or has no header line. */
export async function readRun(clients: Pick<Clients, 'files'>, path: string): Promise<RunRecord | undefined> {
  const text = await readText(clients, path);
  if (text === undefined) return undefined;
  const { lines, damaged } = parseJournal(text);
  const first = lines[0];
  if (first?.event !== 'run-start' || !isHeader(first.data)) return undefined;
  const last = lines.findLast((line) => line.event === 'run-end');
  const code = last?.data?.code;
  return {
    header: first.data,
    path,
    startedAt: first.at,
    lines,
    damaged,
    end:
      last === undefined
        ? undefined
        : {
            at: last.at,
            status: String(last.data?.status ?? 'unknown'),
            ...(typeof code === 'string' ? { code } : {}),
          },
  };
}

async function readText(clients: Pick<Clients, 'files'>, path: string): Promise<string | undefined> {
  try {
    return await clients.files.read(path);
  } catch (error) {
    // Somebody else's journal in a shared state folder is not ours to read; it is not an error of this run.
    if (isInfraError(error, 'files.denied')) return undefined;
    throw error;
  }
}

function isHeader(data: unknown): data is RunHeader {
  if (typeof data !== 'object' || data === null) return false;
  const header = data as Record<string, unknown>;
  const strings = ['id', 'operation', 'target', 'site'].every((key) => typeof header[key] === 'string');
  return strings && typeof header.process === 'object' && header.process !== null;
}
