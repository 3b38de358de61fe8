/**
 * Writes what is derived from the source: schemas/, docs/commands.md, docs/exit-statuses.md, docs/runbooks/
 * (`npm run generate`).
 * With `--check` it writes nothing and ends with status 1 when something is stale (`npm run fresh`).
 */
import { globSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { defaultSite } from '../src/lib/cli/shown-site.ts';
import { proseOf } from '../src/lib/diagnosis/prose.ts';
import { type CommandDocument, documentSchema } from '../src/lib/documents/envelope.ts';
import { loadRunbook, SUBJECTS } from '../src/lib/runbooks/catalogue.ts';
import { siteJsonSchema } from '../src/lib/site/schema.ts';
import { commandsPage, type Manifest, runbookPage, statusesPage } from './pages.ts';

const ROOT = join(import.meta.dirname, '..');

const isDocument = (value: unknown): value is CommandDocument =>
  typeof value === 'object' && value !== null && 'command' in value && 'payload' in value;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every document of src/lib/documents, by its command. */
async function documents(): Promise<readonly CommandDocument[]> {
  const files = globSync('src/lib/documents/*.ts', { cwd: ROOT }).sort();
  const modules = await Promise.all(files.map((file) => import(join(ROOT, file)) as Promise<Record<string, unknown>>));
  return modules.flatMap((module) => Object.values(module).filter(isDocument));
}

function documentJsonSchema(document: CommandDocument): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(documentSchema(document)) as Record<string, unknown>;
  const title = document.command === '' ? 'infra (no command recognised)' : `infra ${document.command} --json`;
  return { $schema, title, ...rest };
}

/** Path below the root → text, of every generated file. */
async function generated(): Promise<Map<string, string>> {
  const pages = new Map<string, string>([
    ['schemas/infra.yaml.schema.json', json(siteJsonSchema())],
    ['docs/exit-statuses.md', statusesPage()],
  ]);
  const all = await documents();
  for (const document of all) {
    const name = document.command === '' ? 'unrecognised' : document.command.replaceAll(' ', '-');
    pages.set(`schemas/${name}.schema.json`, json(documentJsonSchema(document)));
  }
  for (const subject of SUBJECTS) {
    const runbook = await loadRunbook(subject);
    if (runbook !== undefined) pages.set(`docs/runbooks/${subject}.md`, runbookPage(proseOf(runbook, defaultSite())));
  }
  const manifest = JSON.parse(await readFile(join(ROOT, 'oclif.manifest.json'), 'utf8')) as Manifest;
  const { oclif } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { oclif: { topics: object } };
  pages.set(
    'docs/commands.md',
    commandsPage(
      manifest,
      Object.keys(oclif.topics),
      all.map((document) => document.command),
    ),
  );
  return pages;
}

async function current(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}

const pages = await generated();
const leftOver = globSync(['schemas/*.schema.json', 'docs/runbooks/*.md'], { cwd: ROOT }).filter(
  (path) => !pages.has(path),
);
const stale = [...leftOver];
for (const [path, text] of pages) if ((await current(path)) !== text) stale.push(path);

if (process.argv.includes('--check')) {
  for (const path of stale) console.error(`stale: ${path}`);
  if (stale.length > 0) {
    console.error('Write them again: npm run generate');
    process.exitCode = 1;
  }
} else {
  for (const path of leftOver) await rm(join(ROOT, path));
  for (const [path, text] of pages) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), text);
  }
  console.log(`${pages.size} files, ${stale.length} changed`);
}
