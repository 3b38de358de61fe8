import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type JournalLine, parseJournal } from '../../../src/lib/operation/journal-line.ts';
import type { Listener } from '../../../src/sandbox/http/listen.ts';
import { decryptDocument } from '../../../src/sandbox/sops/document.ts';
import type { Sandbox } from '../../../src/sandbox/start.ts';
import { writeFaults } from '../../../src/sandbox/terragrunt/faults.ts';
import { parseState } from '../../../src/sandbox/terragrunt/state.ts';
import { spansFile } from './infra.ts';

/** The secret that holds the users: version, users, and the JSON text of every other key. */
export type UsersSecret = {
  readonly version: number;
  readonly usersText: string;
  readonly users: Readonly<Record<string, unknown>>;
  readonly otherKeys: string;
};

/** Reads `secret/platform` past infra and past HTTP. */
export function usersSecret(sandbox: Sandbox): UsersSecret {
  const secret = sandbox.vault.state.secrets.get('platform');
  const data = secret?.versions.get(secret.current)?.data as Readonly<Record<string, string>>;
  const { k8s_users: usersText = '', ...others } = data;
  return { version: secret?.current ?? 0, usersText, users: JSON.parse(usersText), otherKeys: JSON.stringify(others) };
}

/** How often a name is a key of the users' document; a JSON parser would hide the second one. */
export const entriesOf = (secret: UsersSecret, name: string): number => secret.usersText.split(`"${name}":`).length - 1;

/** Runs git in the repository, or in the bare one with `bare`. */
export function git(sandbox: Sandbox, args: readonly string[], bare = false): string {
  const env = { PATH: sandbox.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', args, { cwd: bare ? sandbox.origin : sandbox.repo, env, encoding: 'utf8' }).trim();
}

/** Heads of the clone and of what it was pushed to. */
export const heads = (sandbox: Sandbox): { readonly local: string; readonly remote: string } => ({
  local: git(sandbox, ['rev-parse', 'HEAD']),
  remote: git(sandbox, ['rev-parse', 'refs/heads/master'], true),
});

/** What a state is known by. */
export type KnownState = { readonly serial: number; readonly lineage: string; readonly addresses: readonly string[] };

function known(text: string): KnownState {
  const { serial, lineage, resources } = parseState(text);
  return { serial, lineage, addresses: [...resources.keys()].sort() };
}

/** A Tier-0 state as the remote has it, decrypted with the break-glass key: Vault is not asked. */
export async function stateOnRemote(sandbox: Sandbox, stack: string): Promise<KnownState> {
  const path = `master:state/stacks/${stack}/terraform.tfstate.enc`;
  const identity = readFileSync(sandbox.ageKeyFile, 'utf8').split('\n')[1] ?? '';
  const noVault = () => async () => ({ status: 403, body: '{"errors":["not in this test"]}' });
  return known(await decryptDocument(git(sandbox, ['show', path], true), [identity], noVault));
}

/** A Tier-1 state, or the readable copy of a Tier-0 one. */
export const stateInFile = (path: string): KnownState => known(readFileSync(path, 'utf8'));

/** Where the readable state of a Tier-0 stack lies. */
export const plainState = (sandbox: Sandbox, stack: string): string =>
  join(sandbox.repo, 'state/stacks', stack, 'terraform.tfstate');

/** infra's state folder. */
const stateFolder = (sandbox: Sandbox): string => join(sandbox.env.XDG_STATE_HOME ?? '', 'infra');

/** A journal by its id, oldest first. */
export type Journal = { readonly id: string; readonly path: string; readonly lines: readonly JournalLine[] };

/** All journals, oldest first. */
export function journals(sandbox: Sandbox): readonly Journal[] {
  const folder = join(stateFolder(sandbox), 'runs');
  return listed(folder)
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(a).birthtimeMs - statSync(b).birthtimeMs)
    .map((path) => {
      const { lines } = parseJournal(readFileSync(path, 'utf8'));
      return { id: path.slice(path.lastIndexOf('/') + 1, -'.jsonl'.length), path, lines };
    });
}

/** The journal's lines in short: `step-applied stack vault`. A note is called by its own name. */
export const shortLines = (journal: Journal | undefined): readonly string[] =>
  (journal?.lines ?? []).map(({ event, step, data }) =>
    [event === 'note' ? String(data?.event) : event, step].filter((word) => word !== undefined).join(' '),
  );

/** The newest journal's last lines in short, and the data of its very last one. */
export function lastWords(sandbox: Sandbox, count = 2): { readonly lines: readonly string[]; readonly end: unknown } {
  const journal = journals(sandbox).at(-1);
  return { lines: shortLines(journal).slice(-count), end: journal?.lines.at(-1)?.data };
}

const listed = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** A lock info that somebody on another machine wrote: what he leaves there is not ours. */
function isOfAnotherMachine(file: string): boolean {
  if (!file.endsWith('.lock.info')) return false;
  const { Who } = JSON.parse(readFileSync(file, 'utf8')) as { readonly Who: string };
  return !Who.endsWith(`@${hostname()}`);
}

/** Everything that a run which has ended must not leave behind; empty when it left nothing. */
export function leftovers(sandbox: Sandbox): readonly string[] {
  const states = join(sandbox.repo, 'state/stacks');
  const readable = listed(states).flatMap((stack) =>
    listed(join(states, stack))
      .filter((name) => name !== 'terraform.tfstate.enc' && !isOfAnotherMachine(join(states, stack, name)))
      .map((name) => `state/stacks/${stack}/${name}`),
  );
  const own = ['locks', 'plans', 'tier0'].flatMap((name) =>
    listed(join(stateFolder(sandbox), name)).map((file) => `${name}/${file}`),
  );
  const backend = [join(sandbox.dir, 'locks'), join(sandbox.dir, 'pg')].flatMap((folder) =>
    listed(folder).filter((name) => name.endsWith('.lock')),
  );
  const vault = [...sandbox.vault.state.secrets].flatMap(([path, secret]) => {
    const data = secret.versions.get(secret.current)?.data as Readonly<Record<string, unknown>> | undefined;
    return path.startsWith('locks/') && Object.keys(data ?? {}).length > 0 ? [`Vault ${path}`] : [];
  });
  const uncommitted = git(sandbox, ['status', '--porcelain']);
  return [...readable, ...own, ...backend, ...vault, ...(uncommitted === '' ? [] : [uncommitted])];
}

/** One run of a stand-in program. `end` is undefined for one that was killed or still runs. */
export type Span = {
  readonly program: string;
  readonly stack: string;
  readonly pid: number;
  readonly argv: readonly string[];
  readonly start: number;
  readonly end: number | undefined;
  readonly signals: readonly string[];
};

/** Every run of terragrunt, tofu and sops, in the order in which they started. */
export function spans(sandbox: Sandbox): readonly Span[] {
  const rows = existsSync(spansFile(sandbox))
    ? readFileSync(spansFile(sandbox), 'utf8')
        .split('\n')
        .filter((row) => row !== '')
    : [];
  const marks = rows.map((row) => JSON.parse(row) as Span & { readonly what: string; readonly at: number });
  return marks
    .filter((mark) => mark.what === 'start')
    .map(({ what: _what, at, ...span }) => {
      const later = marks.filter((mark) => mark.pid === span.pid && mark.what !== 'start');
      const signals = later.map((mark) => mark.what).filter((what) => what !== 'end');
      return { ...span, start: at, end: later.find((mark) => mark.what === 'end')?.at, signals };
    });
}

const isApply = (span: Span): boolean => span.argv.includes('apply');

/** Every apply of a stack. */
export const appliesOf = (sandbox: Sandbox, stack: string): readonly Span[] =>
  spans(sandbox).filter((span) => span.stack === stack && isApply(span));

/** Pairs of which one applies a stack while the other plans or applies the same stack; empty when all took turns. */
export function besideAnApply(sandbox: Sandbox): readonly string[] {
  const all = spans(sandbox).filter((span) => isApply(span) || span.argv[0] === 'plan');
  const overlaps = (a: Span, b: Span): boolean =>
    a.start < (b.end ?? Number.POSITIVE_INFINITY) && b.start < (a.end ?? Number.POSITIVE_INFINITY);
  return all
    .filter(isApply)
    .flatMap((apply) =>
      all
        .filter((other) => other.pid !== apply.pid && other.stack === apply.stack && overlaps(apply, other))
        .map((other) => `${other.argv.slice(0, 2).join(' ')} (${other.pid}) beside the apply of ${apply.stack}`),
    );
}

/** Does something once, at the moment in which a stand-in gets its first request that begins with `METHOD /path`. */
export function onRequest(server: Listener, start: string, act: () => void): void {
  const { requests } = server;
  const push = requests.push.bind(requests);
  requests.push = (...seen) => {
    const isMeant = seen.some(({ method, path }) => `${method} ${path}`.startsWith(start));
    if (isMeant) requests.push = push;
    const length = push(...seen);
    if (isMeant) act();
    return length;
  };
}

/** From now on no resource of a stack gets done at apply, until `letGo`; the next one finds it so. */
export function hold(sandbox: Sandbox, stack: string): void {
  writeFaults(sandbox.dir, { [stack]: { slowApplyMs: 3_600_000 } });
}

/** Whatever is held gets done. */
export function letGo(sandbox: Sandbox): void {
  writeFaults(sandbox.dir, {});
}

/** Everything that a run which only reads, or was refused, must leave as it is. */
export function everything(sandbox: Sandbox): object {
  const { vault, kubernetes, cloudflare, authentik } = sandbox;
  const versions = [...vault.state.secrets].map(([path, secret]) => [path, secret.current]);
  const states = listed(join(sandbox.dir, 'pg')).map((name) => readFileSync(join(sandbox.dir, 'pg', name), 'utf8'));
  return {
    secret: usersSecret(sandbox),
    secrets: versions,
    policies: [...vault.state.policies.keys()].filter((name) => name !== 'editor'),
    entities: [...vault.state.entities.keys()],
    transit: [...vault.state.transit.keys()],
    cluster: kubernetes.state.version,
    records: [...cloudflare.state],
    accounts: [...authentik.state.users],
    heads: heads(sandbox),
    status: git(sandbox, ['status', '--porcelain']),
    states,
    leftovers: leftovers(sandbox),
  };
}

/** Resolves as soon as what the stand-in programs have recorded fits. */
export async function spansShow(sandbox: Sandbox, fits: () => boolean): Promise<void> {
  if (fits()) return;
  for await (const _change of watch(sandbox.dir)) if (fits()) return;
}
