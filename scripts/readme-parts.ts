import { spawn } from 'node:child_process';
import { EXIT } from '../src/lib/errors.ts';
import { startSandbox } from '../src/sandbox/start.ts';
import { NEXT, STORY } from './story.ts';

/** How many scenes of the story README shows. */
const SHOWN = 2;

/** What the demo prints. `surprises` names the commands that ended otherwise than told. */
type Recording = { readonly shown: string; readonly surprises: readonly string[] };

/** Plays the demo's scenes in one sandbox and its suggestions in another, 80 columns wide, without a terminal. */
export async function record(): Promise<Recording> {
  const story = await inSandbox(STORY);
  const next = await inSandbox(NEXT.map(({ typed }) => ({ typed, status: 0 })));
  const blocks = story.slice(0, SHOWN).map(({ typed, output }) => `$ infra ${typed.join(' ')}\n${output}`);
  const surprises = [...story, ...next]
    .filter(({ ended, status }) => ended !== status)
    .map(({ typed, ended, status }) => `infra ${typed.join(' ')} ended with ${ended}, not with ${status}`);
  return { shown: `\`\`\`console\n${shortened(blocks.join('\n'))}\`\`\`\n`, surprises };
}

/** The list of what was proved, without its middle. */
function shortened(recording: string): string {
  return recording.replace(/(?<=^What .* has now .*\n)(?: {2}.*\n)+/m, (list) => {
    const lines = list.split('\n').slice(0, -1);
    return [...lines.slice(0, 4), '  …', ...lines.slice(-3), ''].join('\n');
  });
}

type Typed = { readonly typed: readonly string[]; readonly status: number };

async function inSandbox(scenes: readonly Typed[]): Promise<readonly (Typed & { output: string; ended: number })[]> {
  const sandbox = await startSandbox();
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
    .replaceAll(/ +TIME/g, ' TIME');
  return text.replaceAll(/(?<=^Before anything changes\n)(?: {2}.*\n)+/gm, (answers) =>
    answers
      .split(/^(?= {2}\S)/m)
      .sort()
      .join(''),
  );
}
