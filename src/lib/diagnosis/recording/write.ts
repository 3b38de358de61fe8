import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Files } from '../../clients/files/client.ts';
import { InfraError } from '../../errors.ts';
import type { Recorded } from '../collected.ts';
import { MANIFEST, type Manifest, manifestDigest, PROBES, RECORDING_FORMAT } from './manifest.ts';

/** The name of a probe's file; ids are words with dots. */
const fileOf = (id: string): string => `${PROBES}/${id.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.json`;

/**
 * Makes sure that a recording can go into `folder`: it does not exist, or it is empty. Called before anything is asked.
 * Errors: `recording.not-empty` (64), `recording.not-a-folder` (64), those of files.
 */
export async function requireEmpty(files: Files, folder: string): Promise<void> {
  const info = await files.info(folder);
  if (info === undefined) return;
  if (info.kind !== 'folder') throw refused('recording.not-a-folder', `${folder} is not a folder`);
  if ((await files.list(folder))?.length !== 0) throw refused('recording.not-empty', `${folder} is not empty`);
}

function refused(code: string, what: string): InfraError {
  return new InfraError(code, 'usage', `The recording cannot be kept: ${what}.`, {
    hints: ['Name a new or an empty folder: --record DIR'],
  });
}

/**
 * Keeps what was collected: a file a probe, and a manifest with the sha256 of each and of itself, written last. Everything lies in
 * `folder` (0700, files 0600). What it gets is redacted already. Errors: those of files.
 */
export async function writeRecording(files: Files, folder: string, recorded: Recorded, version: string): Promise<void> {
  await files.makeFolder(folder, 0o700);
  await files.makeFolder(join(folder, PROBES), 0o700);
  const { collected, ...run } = recorded;
  const listed: Manifest['files'][number][] = [];
  for (const one of collected) {
    const path = fileOf(one.id);
    const text = `${JSON.stringify(one, null, 1)}\n`;
    await files.writeAtomic(join(folder, path), text, 0o600);
    listed.push({ path, sha256: createHash('sha256').update(text).digest('hex') });
  }
  const rest = { format: RECORDING_FORMAT, version, run, files: listed } as const;
  const manifest: Manifest = { ...rest, sha256: manifestDigest(rest) };
  await files.writeAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, 0o600);
}
