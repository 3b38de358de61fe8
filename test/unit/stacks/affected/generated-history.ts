import { spawn } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { unit } from '../support/history.ts';

/** What a stack or module calls and reads. `files` are further files of its own by path below it. */
type Part = {
  readonly calls: ReadonlySet<string>;
  readonly inputs: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, number>;
  readonly link: boolean;
};

/** A whole repository as it is meant, before it becomes text. */
export type Model = {
  readonly stacks: ReadonlyMap<string, Part>;
  readonly modules: ReadonlyMap<string, Part>;
  readonly files: ReadonlyMap<string, number>;
};

/** One change: what is done, and three numbers that say to what. */
export type Operation = readonly [kind: number, a: number, b: number, c: number];

/** A commit: its parents as distances backwards, and what it changes compared with the first. */
export type Commit = { readonly parents: readonly number[]; readonly operations: readonly Operation[] };

/** A file's text, or where a link leads. */
export type Blob = { readonly text: string; readonly link: boolean };

const STACKS = ['vault', 'my app', 'ünï', 'a.b', '-dash', 'app', 'app-two'];
const MODULES = ['ingress', 'ingress_factory', 'tls cert', 'kubernetes/x', 'kubernetes/ÿ'];
const INPUTS = ['scripts/boot.sh', 'scripts/böse datei.sh', 'data/roster.yaml', 'README.md'];
const ROOT = ['terragrunt.hcl', 'config.tfvars', 'tiers.tf'];
const LOOSE = ['docs/a b.md', 'secrets/key.pem', 'scripts/boot.sh.bak', 'modules.md', 'stacks/notes.txt'];
const OWN = ['extra.tf', 'modules/inner/main.tf', 'deep/er/ÿ 1.yaml'];

const EMPTY: Part = { calls: new Set(), inputs: new Set(), files: new Map(), link: false };

/** Where everything begins: three stacks, a chain of modules, every file once. */
export const FIRST: Model = {
  stacks: new Map([
    ['vault', { ...EMPTY, calls: new Set(['ingress']), link: true }],
    ['my app', { ...EMPTY, calls: new Set(['kubernetes/x']), inputs: new Set(['scripts/boot.sh']) }],
    ['app', EMPTY],
  ]),
  modules: new Map([
    ['ingress', { ...EMPTY, calls: new Set(['tls cert']) }],
    ['tls cert', { ...EMPTY, inputs: new Set(['data/roster.yaml']) }],
    ['kubernetes/x', { ...EMPTY, calls: new Set(['ingress']) }],
  ]),
  files: new Map([...INPUTS, ...ROOT, ...LOOSE].map((path) => [path, 0])),
};

const pick = <T>(all: readonly T[], index: number): T => all[index % all.length] as T;

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const copy = new Set(set);
  if (!copy.delete(value)) copy.add(value);
  return copy;
}

function withFile(files: ReadonlyMap<string, number>, path: string, text: number): ReadonlyMap<string, number> {
  const copy = new Map(files);
  if (text % 4 === 0) copy.delete(path);
  else copy.set(path, text);
  return copy;
}

function changedPart(part: Part, kind: number, b: number, c: number): Part {
  if (kind === 0) return { ...part, calls: toggled(part.calls, pick(MODULES, b)) };
  if (kind === 1) return { ...part, inputs: toggled(part.inputs, pick(INPUTS, b)) };
  if (kind === 2) return { ...part, files: withFile(part.files, pick(OWN, b), c) };
  return { ...part, link: !part.link };
}

/** A model after one operation. */
export function apply(model: Model, [kind, a, b, c]: Operation): Model {
  const part = (of: ReadonlyMap<string, Part>, name: string): ReadonlyMap<string, Part> => {
    const found = of.get(name);
    return found === undefined ? of : new Map(of).set(name, changedPart(found, c % 4, b, a + b + c));
  };
  const toggledPart = (of: ReadonlyMap<string, Part>, name: string): ReadonlyMap<string, Part> => {
    const copy = new Map(of);
    if (!copy.delete(name)) copy.set(name, EMPTY);
    return copy;
  };
  switch (kind % 7) {
    case 0:
      return { ...model, files: withFile(model.files, pick([...INPUTS, ...LOOSE], a), c) };
    case 1:
      return { ...model, files: withFile(model.files, pick(ROOT, a), b % 3 === 0 ? c + 1 : 4) };
    case 2:
      return { ...model, stacks: toggledPart(model.stacks, pick(STACKS, a)) };
    case 3:
      return { ...model, stacks: part(model.stacks, pick(STACKS, a)) };
    case 4:
      return { ...model, modules: part(model.modules, pick(MODULES, a)) };
    case 5:
      return { ...model, modules: toggledPart(model.modules, pick(MODULES, a)) };
    default: {
      const [from, to] = [pick(STACKS, a), pick(STACKS, b)];
      const moved = model.stacks.get(from);
      if (moved === undefined || model.stacks.has(to)) return model;
      const copy = new Map(model.stacks);
      copy.delete(from);
      return { ...model, stacks: copy.set(to, moved) };
    }
  }
}

function partFiles(folder: string, part: Part): readonly (readonly [string, Blob])[] {
  const to = (path: string): string => relative(folder, path);
  const calls = [...part.calls].map((name, at) => `module "m${at}" {\n  source = "${to(`modules/${name}`)}"\n}\n`);
  const inputs = [...part.inputs].map((path, at) => `locals { i${at} = file("\${path.module}/${to(path)}") }\n`);
  return [
    [`${folder}/main.tf`, { text: [...calls, ...inputs].join(''), link: false }],
    ...[...part.files].map(([path, text]) => [`${folder}/${path}`, { text: `# ${text}\n`, link: false }] as const),
    ...(part.link ? [[`${folder}/secrets`, { text: to('secrets'), link: true }] as const] : []),
  ];
}

/** The tree that a model stands for. */
export function render(model: Model): ReadonlyMap<string, Blob> {
  return new Map([
    ...[...model.files].map(([path, text]) => [path, { text: `# ${text}\n`, link: false }] as const),
    ...[...model.stacks].flatMap(([name, part]) => [
      [`stacks/${name}/terragrunt.hcl`, { text: unit(), link: false }] as const,
      ...partFiles(`stacks/${name}`, part),
    ]),
    ...[...model.modules].flatMap(([name, part]) => partFiles(`modules/${name}`, part)),
  ]);
}

/** Writes a history at once; commit 0 is `FIRST`. Returns the model and parents of each commit, branch `c<index>`. */
export async function writeHistory(
  root: string,
  commits: readonly Commit[],
): Promise<readonly { readonly model: Model; readonly parents: readonly number[] }[]> {
  const made: { model: Model; parents: readonly number[] }[] = [{ model: FIRST, parents: [] }];
  for (const { parents, operations } of commits) {
    const indices = [...new Set(parents.map((back) => Math.max(0, made.length - 1 - (back % made.length))))];
    const from = made[indices[0] ?? 0]?.model ?? FIRST;
    made.push({ model: operations.reduce(apply, from), parents: indices });
  }
  const stream = made.map(({ model, parents }, index) => {
    const [first, ...others] = parents;
    const head = [
      `commit refs/heads/c${index}\nmark :${index + 1}\n`,
      `committer Test <test@example.com> ${1_760_000_000 + index * 60} +0000\n${data(`c${index}`)}\n`,
      first === undefined ? '' : `from :${first + 1}\n`,
      ...others.map((other) => `merge :${other + 1}\n`),
      'deleteall\n',
    ];
    const files = [...render(model)].map(
      ([path, { text, link }]) => `M ${link ? '120000' : '100644'} inline ${path}\n${data(text)}\n`,
    );
    return [...head, ...files].join('');
  });
  await importStream(root, stream.join(''));
  return made;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

async function importStream(root: string, stream: string): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet'], { cwd: root, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(stream);
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`git fast-import ended with ${String(status)}`);
}

/** Brings a working tree from one tree to another without git. */
export async function writeDifference(
  root: string,
  from: ReadonlyMap<string, Blob>,
  to: ReadonlyMap<string, Blob>,
): Promise<void> {
  for (const [path, blob] of from) {
    const next = to.get(path);
    if (next?.text !== blob.text || next.link !== blob.link) await rm(join(root, path), { force: true });
  }
  for (const [path, blob] of to) {
    const before = from.get(path);
    if (before?.text === blob.text && before.link === blob.link) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    if (blob.link) await symlink(blob.text, join(root, path));
    else await writeFile(join(root, path), blob.text);
  }
}
