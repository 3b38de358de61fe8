import { mkdir, mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { localNames, rememberUsers } from '../../../src/lib/cli/completion/names.ts';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';

const files = makeFiles();
const place = { folder: '' };

beforeEach(async () => {
  place.folder = await mkdtemp(join(tmpdir(), 'infra-names-'));
});

async function repository(stacksFolder: string, yaml: string): Promise<string> {
  const root = join(place.folder, 'repository');
  for (const stack of ['rbac', 'vault']) {
    await mkdir(join(root, stacksFolder, stack), { recursive: true });
    await writeFile(join(root, stacksFolder, stack, 'terragrunt.hcl'), '');
  }
  await mkdir(join(root, stacksFolder, 'notes'));
  await writeFile(join(root, 'infra.yaml'), yaml);
  return root;
}

const namesIn = (cwd: string, repo?: string) =>
  localNames(files, {
    cwd,
    env: { XDG_STATE_HOME: join(place.folder, 'state') },
    repo,
    home: place.folder,
  });

test('stacks are the folders with a terragrunt.hcl, wherever infra.yaml puts them', async () => {
  const root = await repository('units', '# comment\nstacks:\n  # where\n  dir: "units" # here\nvault: {}\n');
  expect(await namesIn(join(root, 'units', 'vault')).stack?.()).toEqual(['rbac', 'vault']);
});

test('stacks lie in stacks/ when infra.yaml says nothing', async () => {
  const root = await repository('stacks', 'edge:\n  dir: elsewhere\n');
  expect(await namesIn(place.folder, root).stack?.()).toEqual(['rbac', 'vault']);
});

test('users are those that were remembered for this repository, in a private file', async () => {
  const root = await repository('stacks', '');
  const cache = join(place.folder, '.cache', 'infra');
  await rememberUsers(files, cache, root, ['alice', 'bob']);
  await rememberUsers(files, cache, '/srv/other', ['mallory']);
  expect(await namesIn(root).user?.()).toEqual(['alice', 'bob']);
  for (const name of await readdir(join(cache, 'completion'))) {
    expect((await stat(join(cache, 'completion', name))).mode & 0o077).toBe(0);
  }
});

test('names that are remembered already are not written again', async () => {
  const cache = join(place.folder, '.cache', 'infra');
  await rememberUsers(files, cache, '/srv/infra', ['alice']);
  const written = async () => {
    const [name = ''] = await readdir(join(cache, 'completion'));
    return (await stat(join(cache, 'completion', name))).ino;
  };
  const first = await written();
  await rememberUsers(files, cache, '/srv/infra', ['alice']);
  expect(await written()).toBe(first);
  await rememberUsers(files, cache, '/srv/infra', ['alice', 'bob']);
  expect(await written()).not.toBe(first);
});

test('runs are the journals of the state folder', async () => {
  await mkdir(join(place.folder, 'state', 'infra', 'runs'), { recursive: true });
  await writeFile(join(place.folder, 'state', 'infra', 'runs', '8f2c.jsonl'), '');
  await writeFile(join(place.folder, 'state', 'infra', 'runs', 'lock'), '');
  expect(await namesIn(place.folder).run?.()).toEqual(['8f2c']);
});

test('outside of any repository there is nothing to offer', async () => {
  expect(await namesIn(place.folder).stack?.()).toEqual([]);
  expect(await namesIn(place.folder).user?.()).toEqual([]);
});

test.each([
  ['a list in one line', 'runbooks: [own, "more/tide.yml"]\n'],
  ['a list of lines', 'runbooks: # ours\n  - own\n  - more/tide.yml # new\nvault: {}\n'],
])('subjects are the built-in ones and those of the site: %s', async (_, yaml) => {
  const root = await repository('stacks', yaml);
  for (const [path, text] of Object.entries({
    'own/weather.yaml': 'title: x\nsubject: weather\n',
    'own/notes.txt': 'subject: notes\n',
    'own/broken.yaml': 'subject: [',
    'more/tide.yml': 'subject: "tide"\n',
  })) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const names = localNames(
    files,
    { cwd: root, env: {}, repo: undefined, home: place.folder },
    { subject: ['authentik'] },
  );
  expect(await names.subject?.()).toEqual(['authentik', 'weather', 'tide']);
  expect(await names['diagnose:site subject']?.()).toEqual(['weather', 'tide']);
  expect(await namesIn(place.folder).subject?.()).toEqual([]);
});
