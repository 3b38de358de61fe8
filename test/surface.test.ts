/** What others rely on: commands, arguments, flags and exit statuses. A change of the golden file is a decision. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../src/lib/errors.ts';

type Field = {
  readonly name: string;
  readonly char?: string;
  readonly type?: string;
  readonly options?: readonly string[];
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly hidden?: boolean;
};
type Manifest = {
  readonly commands: Readonly<
    Record<string, { readonly args: Readonly<Record<string, Field>>; readonly flags: Readonly<Record<string, Field>> }>
  >;
};

function described(field: Field): string {
  const notes = [
    field.type === 'option' ? 'value' : '',
    field.options === undefined ? '' : field.options.join('|'),
    field.required === true ? 'required' : '',
    field.multiple === true ? 'many' : '',
    field.hidden === true ? 'hidden' : '',
  ].filter((note) => note !== '');
  const name = field.type === undefined ? field.name.toUpperCase() : `--${field.name}`;
  const char = field.char === undefined ? '' : ` -${field.char}`;
  return `  ${name}${char}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

function surface(manifest: Manifest): string {
  const commands = Object.entries(manifest.commands).sort(([a], [b]) => a.localeCompare(b));
  const lines = commands.flatMap(([id, { args, flags }]) => [
    id.replaceAll(':', ' '),
    ...Object.values(args).map(described),
    ...Object.values(flags)
      .sort((a, b) => a.name.localeCompare(b.name))
      .map(described),
  ]);
  const statuses = Object.values(EXIT).map(({ code, name }) => `  ${code} ${name}`);
  return [...lines, 'exit statuses', ...statuses, ''].join('\n');
}

test('commands, flags and exit statuses are those of the golden file', async () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../oclif.manifest.json'), 'utf8')) as Manifest;
  await expect(surface(manifest)).toMatchFileSnapshot('golden/surface.txt');
});

test('every number stands for one status, and every status fits into a byte', () => {
  const codes = Object.values(EXIT).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code).toBeLessThan(256);
});
