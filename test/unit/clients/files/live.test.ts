import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';

const files = makeFiles();
let folder = '';
const at = (...names: string[]): string => join(folder, ...names);
const modeOf = async (path: string): Promise<number> => (await lstat(path)).mode & 0o777;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infra-files-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

describe('reading', () => {
  test('absent is a value for every question, below a file too', async () => {
    await writeFile(at('file'), 'x');
    for (const path of [at('missing'), at('missing', 'deeper'), at('file', 'below')]) {
      expect(await files.read(path)).toBeUndefined();
      expect(await files.readBytes(path)).toBeUndefined();
      expect(await files.readBytes(path, 4)).toBeUndefined();
      expect(await files.info(path)).toBeUndefined();
      expect(await files.realPath(path)).toBeUndefined();
    }
    expect(await files.list(at('missing'))).toBeUndefined();
  });

  test('an empty file is not an absent one', async () => {
    await writeFile(at('empty'), '');
    expect(await files.read(at('empty'))).toBe('');
    expect(await files.readBytes(at('empty'), 10)).toEqual(new Uint8Array());
  });

  test('bytes are bytes, and a limit is a limit', async () => {
    const bytes = Buffer.from([0, 0x47, 0x49, 0xff, 0xfe, 0]);
    await writeFile(at('bytes'), bytes);
    expect(Buffer.from((await files.readBytes(at('bytes'))) ?? [])).toEqual(bytes);
    expect(Buffer.from((await files.readBytes(at('bytes'), 3)) ?? [])).toEqual(bytes.subarray(0, 3));
  });

  test('a folder is listed in order, links are links', async () => {
    await writeFile(at('b'), '');
    await mkdir(at('a'));
    await symlink(at('a'), at('c'));
    await symlink(at('nowhere'), at('d'));
    expect(await files.list(folder)).toEqual([
      { name: 'a', kind: 'folder' },
      { name: 'b', kind: 'file' },
      { name: 'c', kind: 'link' },
      { name: 'd', kind: 'link' },
    ]);
    expect(await files.info(at('c'))).toMatchObject({ kind: 'link' });
    expect(await files.realPath(at('c'))).toBe(await files.realPath(at('a')));
    expect(await files.realPath(at('d'))).toBeUndefined();
  });

  test('a folder read as a file, and a file listed as a folder, are errors that name the path', async () => {
    await writeFile(at('file'), '');
    await expect(files.read(folder)).rejects.toMatchObject({
      code: 'files.failed',
      message: expect.stringContaining(folder),
    });
    await expect(files.list(at('file'))).rejects.toMatchObject({ code: 'files.failed' });
  });

  test('info tells size, mode and age', async () => {
    await writeFile(at('file'), 'four', { mode: 0o640 });
    await chmod(at('file'), 0o640);
    expect(await files.info(at('file'))).toMatchObject({ kind: 'file', size: 4, mode: 0o640 });
  });

  test('forbidden is not absent', async () => {
    // Nobody may create files there, not even root, as whom these tests may run.
    const writing = files.createExclusive('/sys/infra-test', 'x', 0o600);
    await expect(writing).rejects.toMatchObject({ code: 'files.denied', exitStatus: 77 });
  });
});

describe('writing atomically', () => {
  test('makes private folders, sets the mode whatever the umask, and leaves nothing beside the file', async () => {
    const before = process.umask(0o077);
    try {
      await files.writeAtomic(at('new', 'deep', 'file'), 'text', 0o644);
    } finally {
      process.umask(before);
    }
    expect(await readFile(at('new', 'deep', 'file'), 'utf8')).toBe('text');
    expect(await modeOf(at('new', 'deep', 'file'))).toBe(0o644);
    expect(await modeOf(at('new'))).toBe(0o700);
    expect(await readdir(at('new', 'deep'))).toEqual(['file']);
  });

  test('replaces content and mode, and takes bytes', async () => {
    await files.writeAtomic(at('file'), 'old and longer', 0o644);
    await files.writeAtomic(at('file'), new Uint8Array([0, 255]), 0o600);
    expect([...(await readFile(at('file')))]).toEqual([0, 255]);
    expect(await modeOf(at('file'))).toBe(0o600);
  });

  test('a link stays a link', async () => {
    await writeFile(at('target'), 'old');
    await symlink('target', at('link'));
    await files.writeAtomic(at('link'), 'new', 0o600);
    expect((await lstat(at('link'))).isSymbolicLink()).toBe(true);
    expect(await readFile(at('target'), 'utf8')).toBe('new');
  });

  test('a pipe gets the text and stays a pipe, behind a link too', async () => {
    await promisify(execFile)('mkfifo', [at('pipe')]);
    await symlink('pipe', at('link'));
    for (const name of ['pipe', 'link']) {
      const [text] = await Promise.all([readFile(at('pipe'), 'utf8'), files.writeAtomic(at(name), 'said', 0o600)]);
      expect(text).toBe('said');
    }
    expect((await lstat(at('pipe'))).isFIFO()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['link', 'pipe']);
  });

  test('a write that fails leaves the old file and no other', async () => {
    await mkdir(at('target', 'child'), { recursive: true });
    await expect(files.writeAtomic(at('target'), 'x', 0o600)).rejects.toMatchObject({ code: 'files.failed' });
    expect(await readdir(folder)).toEqual(['target']);
  });

  test('a reader never sees half a file', async () => {
    const versions = ['a'.repeat(300_000), 'b'.repeat(300_000)];
    await files.writeAtomic(at('file'), versions[0] ?? '', 0o600);
    let done = false;
    const writing = (async () => {
      for (let i = 0; i < 20; i += 1) await files.writeAtomic(at('file'), versions[i % 2] ?? '', 0o600);
      done = true;
    })();
    while (!done) expect(versions).toContain(await files.read(at('file')));
    await writing;
  });
});

describe('creating exclusively', () => {
  test('of many at once one wins, and its content is whole', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => files.createExclusive(at('locks', 'lock'), `holder ${i}`, 0o600)),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await files.read(at('locks', 'lock'))).toBe(`holder ${results.indexOf(true)}`);
    expect(await readdir(at('locks'))).toEqual(['lock']);
    expect(await modeOf(at('locks', 'lock'))).toBe(0o600);
  });

  test('a dangling link counts as something that is there', async () => {
    await symlink('nowhere', at('lock'));
    expect(await files.createExclusive(at('lock'), 'x', 0o600)).toBe(false);
    expect(await readdir(folder)).toEqual(['lock']);
  });
});

describe('the rest', () => {
  test('appends, creating the file and its folder with their modes', async () => {
    await files.appendDurably(at('runs', 'a.jsonl'), 'one\n', 0o600);
    await files.appendDurably(at('runs', 'a.jsonl'), 'two\n', 0o600);
    expect(await files.read(at('runs', 'a.jsonl'))).toBe('one\ntwo\n');
    expect(await modeOf(at('runs', 'a.jsonl'))).toBe(0o600);
    expect(await modeOf(at('runs'))).toBe(0o700);
  });

  test('lines that several processes append at once do not mix', async () => {
    const line = 'x'.repeat(3000);
    const program = `import { makeFiles } from ${JSON.stringify(join(process.cwd(), 'src/lib/clients/files/live.ts'))};
      const files = makeFiles();
      for (let i = 0; i < 20; i += 1) await files.appendDurably(process.argv[1], process.argv[2] + '${line}\\n', 0o600);`;
    const one = (name: string): Promise<unknown> =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, at('log'), name]);
    await Promise.all([one('a'), one('b')]);
    const lines = ((await files.read(at('log'))) ?? '').trimEnd().split('\n');
    expect(lines).toHaveLength(40);
    for (const text of lines) expect(text).toMatch(/^[ab]x{3000}$/);
  });

  test('temporary folders are private and fresh', async () => {
    const own = makeFiles({ tempFolder: folder });
    const [one, two] = [await own.makePrivateTemp('plan-'), await own.makePrivateTemp('plan-')];
    expect(one).not.toBe(two);
    expect(one.startsWith(at('plan-'))).toBe(true);
    expect(await modeOf(one)).toBe(0o700);
  });

  test('renames over what is there, and removes whole folders and nothing at all', async () => {
    await writeFile(at('a'), 'a');
    await writeFile(at('b'), 'b');
    await files.rename(at('a'), at('b'));
    expect(await files.read(at('b'))).toBe('a');
    await files.makeFolder(at('x', 'y'), 0o700);
    await files.makeFolder(at('x', 'y'), 0o700);
    await files.remove(at('x'));
    await files.remove(at('x'));
    expect(await files.info(at('x'))).toBeUndefined();
  });

  test('a full disk says so', async () => {
    await expect(files.appendDurably('/dev/full', 'x', 0o600)).rejects.toMatchObject({
      code: 'files.disk-full',
      exitStatus: 69,
      message: expect.stringContaining('/dev/full'),
    });
  });
});
