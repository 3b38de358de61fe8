import { join } from 'node:path';
import type { Files } from '../../clients/files/client.ts';
import { globalsOf } from '../globals.ts';
import { candidates, type Manifest, unsplit } from './candidates.ts';
import { localNames, type Places } from './names.ts';

/** `topics` of package.json by id, `user:group` for a nested one. */
type Topics = Readonly<Record<string, { readonly description?: string }>>;

/**
 * Answers `infra --complete WORD…`: one `value<TAB>description` a line. Reads the manifest and local files only, and
 * loads no command: it has to be done before the finger leaves the key.
 */
export async function completionAnswer(
  root: string,
  typed: readonly string[],
  files: Files,
  places: Omit<Places, 'repo'>,
): Promise<string> {
  const manifest = JSON.parse((await files.read(join(root, 'oclif.manifest.json'))) ?? '{"commands":{}}') as Manifest;
  const { oclif } = JSON.parse((await files.read(join(root, 'package.json'))) ?? '{}') as {
    oclif?: { topics?: Topics };
  };
  const topics = Object.entries(oclif?.topics ?? {}).map(([id, topic]) => [id, topic.description ?? ''] as const);
  const names = localNames(files, { ...places, repo: globalsOf(unsplit(typed)).repo }, manifest.names);
  const found = await candidates(typed, manifest, Object.fromEntries(topics), names);
  return found.map(({ value, description }) => `${value}\t${description}\n`).join('');
}
