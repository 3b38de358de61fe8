import { spawn } from 'node:child_process';
import { EXIT } from '../src/lib/errors.ts';
import { startSandbox } from '../src/sandbox/start.ts';
import type { World } from '../src/sandbox/world.ts';
import { loadWorld } from '../src/sandbox/worlds/catalogue.ts';
import { INCIDENT, INCIDENT_WORLD, NEXT, STORY } from './story.ts';

/** How many scenes of the story README shows. */
const SHOWN = 2;

/** What the demo prints. `surprises` names the commands that ended otherwise than told. */
type Recording = {
  readonly shown: string;
  /** The incident's last scene. */
  readonly incident: string;
  readonly surprises: readonly string[];
};

/** Plays the demo's scenes in one sandbox and its suggestions in another, 80 columns wide, without a terminal. */
export async function record(): Promise<Recording> {
  const story = await inSandbox(STORY);
  const next = await inSandbox(NEXT.map(({ typed }) => ({ typed, status: 0 })));
  const blocks = story.slice(0, SHOWN).map(({ typed, output }) => `$ infra ${typed.join(' ')}\n${output}`);
  const evening = await inSandbox(INCIDENT, await loadWorld(INCIDENT_WORLD, { seed: 0 }));
  const surprises = [...story, ...next, ...evening]
    .filter(({ ended, status }) => ended !== status)
    .map(({ typed, ended, status }) => `infra ${typed.join(' ')} ended with ${ended}, not with ${status}`);
  const last = evening.at(-1);
  return {
    shown: consoleBlock(shortened(blocks.join('\n'))),
    incident: consoleBlock(`$ infra ${last?.typed.join(' ')}\n${withoutDetails(last?.output ?? '')}`),
    surprises,
  };
}

const consoleBlock = (text: string): string => `\`\`\`console\n${text}\`\`\`\n`;

/** Rows and sections of a diagnosis that README leaves out: each begins like this and goes on further to the right. */
const LEFT_OUT = /^(?: {2}(?:PASS|WARN|UNKNOWN|…) | {2}keep | {2}for good | {14}(?:the|pgbouncer)|Timeline|No alert)/;

/** A diagnosis with what failed, its cause and the first steps. */
function withoutDetails(text: string): string {
  const kept: string[] = [];
  let isKept = true;
  for (const line of text.split('\n')) {
    const isLeftOut = LEFT_OUT.test(line);
    const continues = !isLeftOut && /^ {6,}\S/.test(line);
    if (!continues) isKept = !isLeftOut;
    if (isKept) kept.push(line);
    else if (kept.at(-1) !== '  …' && !continues) kept.push('  …');
  }
  return kept.join('\n');
}

/** Answers before the change that README shows; they come in any order. */
const TELLING = /^ {2}. (?:Vault {2}|\d+ rules|cluster|Tier-0 state|plan of vault)/;

/** The story without the middle of its lists. */
function shortened(recording: string): string {
  const entries = (list: string): readonly string[] => list.split(/^(?= {2}\S)/m);
  const ends = (first: number, last: number) => (list: string) => {
    const all = entries(list);
    return [...all.slice(0, first), '  …\n', ...all.slice(all.length - last)].join('');
  };
  return recording
    .replace(/(?<=^Before anything changes\n)(?: {2}.*\n)+/m, (list) =>
      [...entries(list).filter((entry) => TELLING.test(entry)), '  …\n'].join(''),
    )
    .replace(/(?<=^What .* has now .*\n)(?: {2}.*\n)+/m, ends(3, 0))
    .replace(/(?<=^Left to do by hand\n)(?: {2}.*\n)+/m, ends(0, 1));
}

type Typed = { readonly typed: readonly string[]; readonly status: number };

async function inSandbox(
  scenes: readonly Typed[],
  world?: World,
): Promise<readonly (Typed & { output: string; ended: number })[]> {
  const sandbox = await startSandbox(world === undefined ? {} : { world });
  try {
    const played = [];
    for (const scene of scenes) played.push({ ...scene, ...(await run(scene.typed, sandbox.env)) });
    return played;
  } finally {
    await sandbox.stop();
  }
}

/** Both streams in one pipe, in the order in which they were written; `infra` is the one on the sandbox's PATH. */
async function run(
  typed: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ output: string; ended: number }> {
  const child = spawn('/bin/sh', ['-c', 'exec infra "$@" 2>&1', 'sh', ...typed], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const ended = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 128));
  });
  return { output, ended };
}

/** The table of errors.ts. */
export function statusTable(): string {
  const rows = Object.values(EXIT).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  return ['| status | meaning |', '|---|---|', ...rows, ''].join('\n');
}

const begin = (name: string): string => `<!-- ${name}: written by npm run readme -->\n`;
const end = (name: string): string => `<!-- end of ${name} -->`;

/** The text between the marks of a part. */
export function partOf(page: string, name: string): string {
  const [from, to] = [page.indexOf(begin(name)), page.indexOf(end(name))];
  if (from < 0 || to < from) throw new Error(`README.md has no part ${name}`);
  return page.slice(from + begin(name).length, to);
}

/** A page with the text between the marks of a part replaced. */
export function withPart(page: string, name: string, text: string): string {
  const old = `${begin(name)}${partOf(page, name)}${end(name)}`;
  return page.replace(old, () => `${begin(name)}${text}${end(name)}`);
}

/**
 * A recording without what differs from one to the next: durations, ports, ids, the spaces that align them, and the
 * order in which the questions before a change were answered.
 */
export function scrubbed(recording: string): string {
  const text = recording
    .replaceAll(/\d+(?:\.\d+)? (?:ms|s)\b/g, 'TIME')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/infra run show \w+/g, 'infra run show RUN')
    .replaceAll(/\d+ [A-Z][a-z]{2} \d\d:\d\d UTC/g, 'DATE')
    .replaceAll(/\d+ requests/g, 'N requests')
    .replaceAll(/ +TIME/g, ' TIME');
  return text.replaceAll(/(?<=^Before anything changes\n)(?: {2}.*\n)+/gm, (answers) =>
    answers
      .split(/^(?= {2}\S)/m)
      .sort()
      .join(''),
  );
}
