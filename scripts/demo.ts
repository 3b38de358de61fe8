/**
 * `npm run demo`: a story on a platform that exists only on this machine, told by the built CLI. Ends with status 1
 * when a command ends otherwise than the story says.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { INCIDENT, INCIDENT_WORLD, NEXT, type Scene, STORY } from './story.ts';

const INFRA = join(import.meta.dirname, '..', 'bin', 'run.js');

const isTerminal = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
const columns = Math.min(process.stdout.columns ?? 80, 100);
const paint = (code: number, text: string): string => (isTerminal ? `\u001B[${code}m${text}\u001B[0m` : text);
const say = (...lines: readonly string[]): boolean => process.stdout.write(lines.map((line) => `${line}\n`).join(''));

/** A sentence in lines that fit the terminal. */
function wrapped(text: string): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Runs a program on our own terminal; its exit status, or 128 for one that a signal ended. */
async function run(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 128));
  });
}

/** Plays the story; `infra` on PATH is the sandbox's. Returns how many commands ended otherwise than told. */
async function play(story: readonly Scene[]): Promise<number> {
  let surprises = 0;
  for (const { told, typed, status } of story) {
    const words = told.flatMap(wrapped).map((line) => paint(36, line));
    say('', ...words, '', paint(1, `$ infra ${typed.join(' ')}`));
    const ended = await run('infra', typed);
    say(paint(2, `[exit status ${ended}]`));
    if (ended === status) continue;
    surprises += 1;
    say(paint(31, `The story says ${status}. That is a defect of infra.`));
  }
  return surprises;
}

function farewell(): void {
  say(
    '',
    ...wrapped('Now you. This is a shell on a new platform of the same kind; leave it with exit:').map((line) =>
      paint(36, line),
    ),
  );
  say('', paint(1, '$ node_modules/.bin/node bin/run.js sandbox'), '');
  for (const { typed, shows } of NEXT) say(`  infra ${typed.join(' ')}`, paint(2, `      ${shows}`));
  say(
    '',
    ...wrapped('Incidents to rehearse: sandbox --list, then sandbox --world NAME.').map((line) => paint(36, line)),
  );
  const own = 'On your own platform: infra doctor in its repository, then infra user add NAME --email … --dry-run.';
  say('', ...wrapped(own).map((line) => paint(36, line)));
}

/** Plays one evening in a sandbox of its own; `infra` on PATH is the sandbox's. */
async function evening(name: string, ...flags: readonly string[]): Promise<number> {
  const self = [process.execPath, import.meta.filename, name];
  return await run(process.execPath, [INFRA, 'sandbox', ...flags, '--', ...self]);
}

const [, , inside] = process.argv;
if (inside !== undefined) {
  process.exitCode = (await play(inside === 'incident' ? INCIDENT : STORY)) === 0 ? 0 : 1;
} else {
  say(...wrapped('A small platform starts on this machine: Vault, a cluster, stacks, git. Nothing else is touched.'));
  const ended = (await evening('story')) || (await evening('incident', '--world', INCIDENT_WORLD));
  if (ended === 0) farewell();
  process.exitCode = ended;
}
