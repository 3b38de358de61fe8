import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { loadSite } from '../../../src/lib/site/load.ts';
import { BAD_FILES } from './bad-files.ts';

const golden = new URL('../../golden/config/', import.meta.url).pathname;

describe('a bad infra.yaml', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'infra-site-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const failure = async (content: string | Uint8Array): Promise<InfraError> => {
    await writeFile(join(root, 'infra.yaml'), content);
    const loaded = loadSite({ files: makeFiles(), env: {}, cwd: root, mode: 'write' });
    return loaded.then(
      () => Promise.reject(new Error('the file was accepted')),
      (thrown: unknown) => (thrown instanceof InfraError ? thrown : Promise.reject(thrown)),
    );
  };

  it.each(BAD_FILES)('%s is refused with status, code, place and what to write', async (name, content) => {
    const error = await failure(content);
    const lines = [
      `exit ${error.exitStatus}`,
      `${error.code}: ${error.message.replaceAll(root, '<repo>')}`,
      ...error.violations.map((one) => `  ${one.code}  ${one.message}`),
      ...error.hints.map((hint) => `  hint: ${hint}`),
    ];
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(golden, `${name}.golden`));
  });

  it.each(BAD_FILES)('%s never shows a secret that stands in the wrong place', async (_name, content) => {
    const error = await failure(content);
    const everything = JSON.stringify([error.message, error.violations, error.hints, error.stack, String(error.cause)]);
    expect(everything).not.toMatch(/canary-secret-value|CAESIJ/);
  });
});
