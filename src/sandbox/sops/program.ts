import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { sendOver } from '../http/client.ts';
import {
  decryptDocument,
  encryptDocument,
  parseVaultUri,
  type Recipients,
  SopsError,
  type Vaults,
} from './document.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A process as sops sees it. */
export type SopsProcess = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly pid: number;
  readonly env: Env;
  readonly output: { readonly out: (text: string) => void; readonly err: (text: string) => void };
};

const WITH_VALUE = [
  'input-type',
  'output-type',
  'age',
  'hc-vault-transit',
  'config',
  'output',
  'filename-override',
  'encrypted-suffix',
  'unencrypted-suffix',
  'encrypted-regex',
  'unencrypted-regex',
];

/** sops, run once. Returns the exit status: 128 when no key opens the file, 100 when there is none. */
export async function runSops(process: SopsProcess): Promise<number> {
  recordCall(process);
  const { flags, files } = parse(process.argv);
  if (flags.has('version') || flags.has('v')) {
    process.output.out('sops 3.13.3\n');
    return 0;
  }
  try {
    const file = files[0];
    if (file === undefined) throw new SopsError(1, 'error: no file specified');
    const result = await convert(process, flags, resolve(process.cwd, file));
    const target = flags.get('output') ?? (flags.has('in-place') || flags.has('i') ? file : undefined);
    if (target === undefined) process.output.out(result);
    else writeFileSync(resolve(process.cwd, target), result, { mode: 0o600 });
    return 0;
  } catch (error) {
    if (!(error instanceof SopsError)) throw error;
    process.output.err(`${error.message}\n`);
    return error.status;
  }
}

async function convert(process: SopsProcess, flags: ReadonlyMap<string, string>, file: string): Promise<string> {
  if (!existsSync(file)) throw new SopsError(100, 'cannot operate on non-existent file');
  const text = readFileSync(file, 'utf8');
  const vaults: Vaults = (address) => sendOver(address, { 'x-vault-token': vaultToken(process.env) });
  if (flags.has('d') || flags.has('decrypt')) return decryptDocument(text, identities(process.env), vaults);
  if (!flags.has('e') && !flags.has('encrypt'))
    throw new SopsError(1, 'error: the stand-in only encrypts and decrypts');
  const named = flags.get('filename-override');
  return encryptDocument(
    text,
    await recipientsFor(process, flags, named === undefined ? file : resolve(process.cwd, named)),
    vaults,
  );
}

/** Recipients of the command line, else of the first creation rule whose path fits. */
async function recipientsFor(
  process: SopsProcess,
  flags: ReadonlyMap<string, string>,
  file: string,
): Promise<Recipients> {
  const uris = split(flags.get('hc-vault-transit') ?? process.env.SOPS_VAULT_URIS);
  const age = split(flags.get('age') ?? process.env.SOPS_AGE_RECIPIENTS);
  if (uris.length + age.length > 0) return { vault: uris.map(parseVaultUri), age };
  const config = flags.get('config') ?? findConfig(dirname(file));
  if (config === undefined) {
    throw new SopsError(
      1,
      'config file not found, or has no creation rules, and no keys provided through command line options',
    );
  }
  // By a module of our own: the names of a CommonJS package are lost when a bundle imports it dynamically.
  const { readRules } = await import('./rules.ts');
  const rules = readRules(readFileSync(config, 'utf8'));
  const path = relative(dirname(resolve(process.cwd, config)), file);
  const rule = rules.find((each) => each.path_regex === undefined || new RegExp(each.path_regex).test(path));
  if (rule === undefined) throw new SopsError(1, 'error loading config: no matching creation rules found');
  return { vault: split(rule.hc_vault_transit_uri ?? rule.hc_vault_uris).map(parseVaultUri), age: split(rule.age) };
}

function findConfig(folder: string): string | undefined {
  const here = join(folder, '.sops.yaml');
  if (existsSync(here)) return here;
  return dirname(folder) === folder ? undefined : findConfig(dirname(folder));
}

function identities(env: Env): string[] {
  const file =
    env.SOPS_AGE_KEY_FILE ??
    join(env.XDG_CONFIG_HOME ?? join(env.HOME ?? homedir(), '.config'), 'sops', 'age', 'keys.txt');
  const text = `${env.SOPS_AGE_KEY ?? ''}\n${existsSync(file) ? readFileSync(file, 'utf8') : ''}`;
  return text.split('\n').filter((line) => line.startsWith('AGE-SECRET-KEY-'));
}

function vaultToken(env: Env): string {
  const file = join(env.HOME ?? homedir(), '.vault-token');
  // sops takes an empty one for none.
  if (env.VAULT_TOKEN !== undefined && env.VAULT_TOKEN !== '') return env.VAULT_TOKEN;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

function parse(argv: readonly string[]): {
  readonly flags: ReadonlyMap<string, string>;
  readonly files: readonly string[];
} {
  const flags = new Map<string, string>();
  const files: string[] = [];
  for (let position = 0; position < argv.length; position += 1) {
    const word = argv[position] ?? '';
    const [name = '', value] = word.replace(/^--?/, '').split(/=(.*)/s);
    if (position === 0 && (word === 'encrypt' || word === 'decrypt')) flags.set(word, '');
    else if (!word.startsWith('-') || word === '-') files.push(word);
    else if (WITH_VALUE.includes(name) && value === undefined) {
      position += 1;
      flags.set(name, argv[position] ?? '');
    } else flags.set(name, value ?? '');
  }
  return { flags, files };
}

function split(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function recordCall(process: SopsProcess): void {
  const dir = process.env.INFRA_SANDBOX_DIR;
  if (dir === undefined) return;
  const call = {
    tool: 'sops',
    argv: process.argv,
    cwd: process.cwd,
    env: Object.keys(process.env).sort(),
    pid: process.pid,
  };
  appendFileSync(join(dir, 'calls.jsonl'), `${JSON.stringify(call)}\n`, { mode: 0o600 });
}
