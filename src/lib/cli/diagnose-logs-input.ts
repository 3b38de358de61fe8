import { openLog, unpacked } from '../clients/files/log-stream.ts';
import { compileSignatures } from '../diagnosis/logs/compile.ts';
import { type LogEvidence, mergeEvidence } from '../diagnosis/logs/evidence.ts';
import { scanLogs } from '../diagnosis/logs/scan.ts';
import { InfraError, isInfraError } from '../errors.ts';
import { asInterrupted } from './diagnose-logs-interrupted.ts';
import type { Host } from './host.ts';

/** What was read of files and stdin; `errors`: of those that could not be, the others count all the same. */
export type ReadLogs = {
  readonly evidence: LogEvidence;
  readonly read: readonly string[];
  readonly notes: readonly string[];
  /** Logs that are empty or could not be read, a few words each: the others are not all of it. */
  readonly lacking: readonly string[];
  readonly errors: readonly InfraError[];
};

const STDIN = 'stdin';

/** The bytes of one argument; `-` is stdin. */
function bytesOf(file: string, { stdin }: Pick<Host, 'stdin'>): AsyncIterable<Uint8Array> {
  return file === '-' ? unpacked(stdin.stream as AsyncIterable<Uint8Array>, STDIN) : openLog(file);
}

/** Refuses what is no text: the first piece of a log has no zero byte. */
async function* text(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const piece of bytes) {
    if (isFirst && piece.subarray(0, 8192).includes(0)) {
      throw new InfraError('logs.not-text', 'data', `${name} is no text: there are zero bytes at its beginning.`, {
        hints: ['journald keeps its logs in binary files: journalctl -o short-iso | infra diagnose logs -'],
      });
    }
    isFirst = false;
    yield piece;
  }
}

/**
 * Reads and folds files and stdin, one after another. A file that cannot be read does not keep the others from being
 * told, and neither does an empty one; when none tells anything, the first error is thrown. Errors: those of `openLog`,
 * `logs.not-text`, `logs.empty` (65).
 */
export async function readLogFiles(files: readonly string[], host: Host): Promise<ReadLogs> {
  const signatures = compileSignatures();
  const nowMs = host.now().getTime();
  const evidence: LogEvidence[] = [];
  const read: string[] = [];
  const errors: InfraError[] = [];
  const empty: InfraError[] = [];
  const lacking: string[] = [];
  for (const file of files) {
    const source = file === '-' ? STDIN : file;
    try {
      const bytes = asInterrupted(text(bytesOf(file, host), source), host.interruption.signal);
      const found = await scanLogs(bytes, { signatures, nowMs, source });
      if (found.lines === 0) {
        empty.push(new InfraError('logs.empty', 'data', `${source} is empty: there is nothing to tell.`));
        lacking.push(`${source} is empty`);
        continue;
      }
      evidence.push(found);
      read.push(source);
    } catch (error) {
      if (!isInfraError(error) || host.interruption.signal.aborted) throw error;
      errors.push(error);
      lacking.push(`${source} could not be read`);
    }
  }
  const [first] = [...errors, ...empty];
  if (first !== undefined && read.length === 0) throw first;
  const notes = empty.map(({ message }) => message);
  return { evidence: mergeEvidence(evidence), read, notes, lacking, errors };
}
