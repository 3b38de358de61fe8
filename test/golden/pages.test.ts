import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = globSync(['*.md', 'docs/**/*.md', 'test/**/*.md'], { cwd: ROOT }).filter(
  (page) => !page.includes('node_modules'),
);
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** What a pattern's first group finds on every page, as `page: found`. */
function found(pages: readonly string[], pattern: RegExp): readonly { readonly page: string; readonly what: string }[] {
  return pages.flatMap((page) => [...text(page).matchAll(pattern)].map((match) => ({ page, what: match[1] ?? '' })));
}

test('what the pages link to is there', () => {
  const links = found(PAGES, /\]\((?!https?:|#)([^)#\s]+)/g);
  expect(links.length).toBeGreaterThan(30);
  expect(links.filter(({ page, what }) => !existsSync(join(ROOT, dirname(page), what)))).toEqual([]);
});

test('the commands that the pages name are there', () => {
  const manifest = JSON.parse(text('oclif.manifest.json')) as { commands: Record<string, unknown> };
  const known = Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' '));
  const inText = found(PAGES, /`infra ((?:[a-z]+(?:-[a-z]+)* ?){1,2})/g);
  const inBlocks = found(PAGES, /(?<=^```[a-z]+\n(?:(?!```).*\n)*)(?:\$ )?infra ((?:[a-z]+(?:-[a-z]+)* ?){1,2})/gm);
  const named = [...inText, ...inBlocks];
  expect(named.length).toBeGreaterThan(30);
  const isKnown = (words: string): boolean =>
    known.some((command) => command === words || command.startsWith(`${words} `) || words.startsWith(`${command} `));
  expect(named.filter(({ what }) => !isKnown(what.trim()))).toEqual([]);
});

test('the error codes and settings that the pages name are there', () => {
  const source = globSync('src/**/*.ts', { cwd: ROOT }).map(text).join('\n');
  const written = PAGES.filter((page) => page === 'README.md' || page.startsWith('docs/'));
  const codes = found(written, /`((?:stack|users|vault|kubernetes|run|site)\.[a-z]+(?:-[a-z]+)+)`/g);
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.filter(({ what }) => !source.includes(`'${what}'`) && !what.endsWith('s.rules'))).toEqual([]);
  const settings = found(written, /`((?:stacks|users|vault|authentik|edge|mail)\.[a-z0-9A-Z.]+)`/g);
  const keys = text('schemas/infra.yaml.schema.json');
  expect(settings.length).toBeGreaterThan(5);
  expect(
    settings.filter(
      ({ what }) => !what.split('.').every((key) => keys.includes(`"${key}"`)) && !source.includes(`'${what}'`),
    ),
  ).toEqual([]);
});
