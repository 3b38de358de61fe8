/**
 * The law of the tree: who may import whom, what a file may touch, how large it may be. A rule that is not here is not
 * a rule. CONTRIBUTING.md tells the same in prose.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withoutComments, withoutStrings } from './source-text.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = globSync('src/**/*.ts', { cwd: ROOT }).sort();
const TESTS = globSync('{test,bench}/**/*.ts', { cwd: ROOT }).sort();
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** One import or re-export. `values` are the names that exist at run time; `*` for a namespace or a dynamic import. */
type Import = {
  readonly from: string;
  readonly to: string;
  readonly values: readonly string[];
  readonly isReExport: boolean;
};

const isRelative = (specifier: string): boolean => specifier.startsWith('.');

function valueNames(clause: string): readonly string[] {
  const braces = /\{([^}]*)\}/s.exec(clause)?.[1] ?? '';
  const named = braces.split(',').map((part) => part.trim());
  const outside = clause
    .replace(/\{[^}]*\}/s, '')
    .split(',')
    .map((part) => part.trim());
  return [...named, ...outside].filter((part) => part !== '' && !part.startsWith('type '));
}

function importsOf(file: string): readonly Import[] {
  const code = withoutComments(read(file));
  const resolve = (specifier: string): string =>
    isRelative(specifier) ? normalize(join(dirname(file), specifier)) : specifier;
  const declared = code.matchAll(/^(import|export)\s+(type\s)?([^'";]*?)\s*from\s+'([^']+)'/gm);
  const bare = code.matchAll(/(?:^import\s+|\bimport\(\s*)'([^']+)'/gm);
  return [
    ...[...declared].map(([, keyword, type, clause = '', specifier = '']) => ({
      from: file,
      to: resolve(specifier),
      values: type === undefined ? valueNames(clause) : [],
      isReExport: keyword === 'export' && isRelative(specifier),
    })),
    ...[...bare].map(([, specifier = '']) => ({
      from: file,
      to: resolve(specifier),
      values: ['*'],
      isReExport: false,
    })),
  ];
}

/** Constants are named in capitals; whatever else exists at run time does something. */
const isBehaviour = (name: string): boolean => !/^[A-Z][A-Z0-9_]*$/.test(name);

const IMPORTS = SOURCES.flatMap(importsOf);

/** The room of a file: `src/lib/users/add/x.ts` → `users`, `src/commands/…` → `commands`, `src/lib/errors.ts` → `errors`. */
function roomOf(file: string): string {
  const parts = file.split('/');
  const room = (parts[1] === 'lib' ? parts[2] : parts[1]) ?? '';
  return room.replace(/\.ts$/, '');
}

/** What each room may import besides itself. Whoever reads a row knows everything that the room can depend on. */
const GROUND = ['site', 'findings', 'secrets', 'errors'];
const SUBJECTS = ['mail', 'runbooks', 'diagnosis', 'doctor', 'users', 'stacks', 'operation'];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  secrets: [],
  findings: ['errors'],
  site: ['findings', 'secrets', 'errors'],
  clients: GROUND,
  operation: ['clients', ...GROUND],
  stacks: ['operation', 'clients', ...GROUND],
  users: ['stacks', 'operation', 'clients', ...GROUND],
  mail: ['diagnosis', 'clients', ...GROUND],
  doctor: ['users', 'stacks', 'operation', 'clients', ...GROUND],
  diagnosis: ['clients', ...GROUND],
  runbooks: ['mail', 'diagnosis', 'users', 'stacks', 'clients', ...GROUND],
  documents: ['diagnosis', 'mail', 'users', 'stacks', 'operation', ...GROUND],
  render: ['runbooks', 'diagnosis', 'mail', 'doctor', 'users', 'stacks', 'operation', ...GROUND],
  cli: ['documents', 'render', ...SUBJECTS, 'clients', ...GROUND],
  commands: ['cli', 'documents', 'render', ...SUBJECTS, 'clients', ...GROUND],
  main: ['cli', 'errors'],
  complete: ['cli', 'clients', 'errors'],
  sandbox: ['errors'],
};

/** Plain types of a subject that rooms below it speak of too. */
const CONTRACTS = ['src/lib/users/entry.ts'];

const inSource = ({ to }: Import): boolean => to.startsWith('src/');
/** complete.ts makes one client, files: a whole context is too slow for a TAB. */
const COMPOSITION_ROOTS = ['src/lib/cli/context.ts', 'src/lib/cli/live-host.ts', 'src/complete.ts'];
const isLive = (file: string): boolean => /^src\/lib\/clients\/[^/]+\/live\.ts$/.test(file);
const show = ({ from, to }: Import): string => `${from} imports ${to}`;

describe('direction of imports', () => {
  test('a room imports only what stands below it', () => {
    const wrong = IMPORTS.filter(inSource).filter(({ from, to, values }) => {
      const [room, target] = [roomOf(from), roomOf(to)];
      if (from === 'src/commands/sandbox.ts' && target === 'sandbox') return false;
      if (CONTRACTS.includes(to) && values.length === 0) return false;
      return room !== target && MAY_IMPORT[room]?.includes(target) !== true;
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('domain rooms know clients by their types and constants, never by what they do', () => {
    const domain = new Set(SUBJECTS);
    const wrong = IMPORTS.filter(
      ({ from, to, values }) => domain.has(roomOf(from)) && roomOf(to) === 'clients' && values.some(isBehaviour),
    );
    expect(wrong.filter(inSource).map(show)).toEqual([]);
  });

  test('render and documents take types and constants from the domain, never behaviour', () => {
    const domain = new Set(SUBJECTS);
    const wrong = IMPORTS.filter(
      ({ from, to, values }) =>
        ['render', 'documents'].includes(roomOf(from)) && domain.has(roomOf(to)) && values.some(isBehaviour),
    );
    expect(wrong.filter(inSource).map(show)).toEqual([]);
  });

  test('only the composition root makes live clients', () => {
    const wrong = IMPORTS.filter(
      ({ from, to }) => isLive(to) && !COMPOSITION_ROOTS.includes(from) && roomOf(from) !== 'clients',
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('a command imports no command', () => {
    expect(
      IMPORTS.filter(({ from, to }) => roomOf(from) === 'commands' && roomOf(to) === 'commands').map(show),
    ).toEqual([]);
  });

  test('every import names its file with .ts', () => {
    expect(
      IMPORTS.filter(inSource)
        .filter(({ to }) => !to.endsWith('.ts'))
        .map(show),
    ).toEqual([]);
  });
});

/** Where a library may be loaded; a library that is not named may be used anywhere below `lib`. */
const HOME_OF: Readonly<Record<string, RegExp>> = {
  '@oclif/core': /^src\/(lib\/cli|commands)\//,
  listr2: /^src\/lib\/cli\//,
  chalk: /^src\/lib\/render\//,
  execa: /^src\/lib\/clients\/process\//,
  inquirer: /^src\/lib\/clients\/prompt\//,
  pg: /^src\/lib\/clients\/postgres\//,
  'node-vault': /^src\/lib\/clients\/vault\//,
  '@kubernetes/client-node': /^src\/lib\/clients\/kubernetes\//,
};

const OUTSIDE_WORLD = /^src\/(lib\/clients\/|lib\/cli\/(?:context|live-host)\.ts$|sandbox\/|main\.ts$|complete\.ts$)/;

describe('side effects', () => {
  test('a library is loaded only where it lives', () => {
    const wrong = IMPORTS.filter(({ from, to }) => {
      const home = Object.entries(HOME_OF).find(([name]) => to === name || to.startsWith(`${name}/`))?.[1];
      return home !== undefined && !home.test(from);
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('files, programs and the network are reached through clients', () => {
    const reaching = /^node:(fs|fs\/promises|child_process|net|tls|http|https|http2|dns|dns\/promises|dgram|os)$/;
    const wrong = IMPORTS.filter(
      ({ from, to, values }) => reaching.test(to) && values.length > 0 && !OUTSIDE_WORLD.test(from),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('the process, the console and the clock are reached through clients', () => {
    const forbidden = [
      /(?<![.\w])process\./,
      /(?<![.\w])console\./,
      /(?<![.\w])fetch\(/,
      /\bDate\.now\(/,
      /new Date\(\)/,
    ];
    const wrong = SOURCES.filter((file) => !OUTSIDE_WORLD.test(file)).flatMap((file) => {
      const code = withoutStrings(withoutComments(read(file)));
      return forbidden.filter((pattern) => pattern.test(code)).map((pattern) => `${file} has ${pattern.source}`);
    });
    expect(wrong).toEqual([]);
  });

  test('a secret is revealed only on its way out', () => {
    const allowed = /^src\/(lib\/clients\/|sandbox\/|lib\/secrets\/secret\.ts$)/;
    const wrong = SOURCES.filter((file) => !allowed.test(file) && withoutComments(read(file)).includes('.reveal('));
    expect(wrong).toEqual([]);
  });
});

describe('shape of files', () => {
  test('a file holds one idea: at most 250 lines, a command at most 80', () => {
    const lines = (file: string): number => read(file).trimEnd().split('\n').length;
    const limit = (file: string): number => (file.startsWith('src/commands/') ? 80 : 250);
    const wrong = SOURCES.filter((file) => lines(file) > limit(file)).map((file) => `${file}: ${lines(file)} lines`);
    expect(wrong).toEqual([]);
  });

  test('no barrels: a name is imported from the file that defines it', () => {
    expect(IMPORTS.filter(({ isReExport }) => isReExport).map(show)).toEqual([]);
  });

  test('no drawers: a name says what is inside', () => {
    const drawer = /(^|\/|-)(utils?|helpers?|common|misc|managers?)(\/|-|\.ts$)/;
    expect(SOURCES.filter((file) => drawer.test(file.replace(/^src\//, '')))).toEqual([]);
  });

  test('modules have no state of their own', () => {
    const wrong = SOURCES.filter((file) => /^(export )?(let|var) /m.test(withoutComments(read(file))));
    expect(wrong).toEqual([]);
  });

  test('zod is imported as a namespace: the other form bundles every language', () => {
    const wrong = SOURCES.filter((file) =>
      /^import (?!\* as z |type )[^;]*from 'zod'/m.test(withoutComments(read(file))),
    );
    expect(wrong).toEqual([]);
  });

  test('tests hand dependencies in instead of mocking modules', () => {
    const mock = /\bvi\.(mock|doMock|hoisted)\(/;
    expect(TESTS.filter((file) => mock.test(withoutStrings(withoutComments(read(file)))))).toEqual([]);
  });
});
