import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/start.ts';
import { BAD_DOCUMENTS } from './bad-input-documents.ts';
import { goldenText, runRow, startBadInputSandbox, written } from './bad-input-run.ts';

const GOLDEN = join(import.meta.dirname, '../golden/bad-input');

describe('a bad document, or a bad answer', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startBadInputSandbox();
  });
  afterAll(() => sandbox.stop());

  test.for(BAD_DOCUMENTS.map((row) => [row.name, row] as const))(
    '%s is told with a status and a text, and nothing is written',
    async ([name, row]) => {
      const before = written(sandbox);
      const end = await runRow(sandbox, row);
      await expect(goldenText(sandbox, row, end)).toMatchFileSnapshot(join(GOLDEN, `${name}.golden`));
      expect(written(sandbox)).toEqual(before);
    },
  );
});
