import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/start.ts';
import { documentOf } from '../document.ts';
import { BAD_INPUTS } from './bad-input-rows.ts';
import { goldenText, runRow, startBadInputSandbox, written } from './bad-input-run.ts';

const GOLDEN = join(import.meta.dirname, '../golden/bad-input');

describe.concurrent('bad input', () => {
  let sandbox: Sandbox;
  let before: Readonly<Record<string, string>>;
  beforeAll(async () => {
    sandbox = await startBadInputSandbox();
    before = written(sandbox);
  });
  afterAll(() => sandbox.stop());

  test.for(BAD_INPUTS.map((row) => [row.name, row] as const))(
    '%s is refused with a status and a text, and nothing is written',
    async ([name, row], context) => {
      const end = await runRow(sandbox, row);
      const text = goldenText(sandbox, row, end);
      await context.expect(text).toMatchFileSnapshot(join(GOLDEN, `${name}.golden`));
      context.expect(written(sandbox)).toEqual(before);
    },
  );

  const inDocuments = [
    'name-escape-sequence',
    'many-at-once',
    'stdin-lone-surrogate',
    'add-without-email',
    'bare-topic',
  ];
  test.for(BAD_INPUTS.filter((row) => inDocuments.includes(row.name)).map((row) => [row.name, row] as const))(
    '%s under --json is one document with the same status, and every violation is in it',
    async ([name, row], { expect }) => {
      const [text, json] = await Promise.all([
        runRow(sandbox, row),
        runRow(sandbox, { ...row, name: `${name}-json` }, ['--json']),
      ]);
      const { exitStatus, error } = documentOf(json.stdout);
      expect([json.status, exitStatus]).toEqual([text.status, text.status]);
      expect(text.stderr).toContain(`error ${error?.code}:`);
      const { violations = [] } = error as { readonly violations?: readonly { readonly code: string }[] };
      for (const { code } of violations) expect(text.stderr).toContain(`(${code})`);
      expect(violations).toHaveLength(name === 'many-at-once' ? 10 : 0);
    },
  );
});
