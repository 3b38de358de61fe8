import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type * as z from 'zod';
import type { Files } from '../../clients/files/client.ts';
import { InfraError } from '../../errors.ts';
import type { Collected, Ignore, Recorded } from '../collected.ts';
import type { Runbook } from '../runbook.ts';
import { collectedOf, collectedSchema, MANIFEST, manifestDigest, manifestSchema } from './manifest.ts';

/**
 * Reads a recording for a replay. Only files are touched: nothing else is asked. Errors, each naming the file:
 * `recording.absent`, `recording.damaged` (missing, changed or not a recording's), `recording.other-subject` and
 * `recording.unknown-probe` (a recording of another runbook), all 65; those of files.
 */
export async function readRecording(files: Files, folder: string, runbook: Runbook): Promise<Recorded> {
  const path = join(folder, MANIFEST);
  const text = await files.read(path);
  if (text === undefined) throw wrong('recording.absent', `${path} does not exist: ${folder} holds no recording`);
  const { run, files: listed, sha256 } = parsed(path, text, manifestSchema);
  if (manifestDigest(JSON.parse(text) as object) !== sha256)
    throw wrong('recording.damaged', `${path} is not what was recorded: its own sha256 differs`);
  if (run.subject !== runbook.subject)
    throw wrong('recording.other-subject', `${path} is a recording of ${run.subject}, not of ${runbook.subject}`, [
      `infra diagnose ${run.subject} --replay ${folder}`,
    ]);
  const collected: Collected[] = [];
  for (const one of listed) collected.push(await readProbe(files, join(folder, one.path), one.sha256, runbook));
  const lacks = run.selected.find((id) => !collected.some((one) => one.id === id));
  if (lacks !== undefined) throw wrong('recording.damaged', `${path} lists no file with the answer to ${lacks}`);
  const ignore = run.ignore.map(
    ({ subject, ...rest }): Ignore => ({
      ...rest,
      ...(subject === undefined ? {} : { subject }),
    }),
  );
  return { ...run, ignore, collected };
}

async function readProbe(files: Files, path: string, sha256: string, runbook: Runbook): Promise<Collected> {
  const bytes = await files.readBytes(path);
  if (bytes === undefined) throw wrong('recording.damaged', `${path} is missing`);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw wrong('recording.damaged', `${path} is not what was recorded: its sha256 differs from the manifest's`);
  const one = collectedOf(parsed(path, new TextDecoder().decode(bytes), collectedSchema));
  if (!runbook.probes.some(({ id }) => id === one.id))
    throw wrong('recording.unknown-probe', `${path} answers ${one.id}, which this infra does not ask`);
  return one;
}

function parsed<T extends z.ZodType>(path: string, text: string, schema: T): z.output<T> {
  const value = ((): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      throw wrong('recording.damaged', `${path} is not JSON`);
    }
  })();
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw wrong('recording.damaged', `${path} is not a recording's: ${issue?.path.join('.')} ${issue?.message}`);
}

function wrong(code: string, what: string, hints: readonly string[] = []): InfraError {
  return new InfraError(code, 'data', `The recording cannot be replayed: ${what}.`, { hints });
}
