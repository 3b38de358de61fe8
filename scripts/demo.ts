/**
 * `npm run demo`: a story on a platform that exists only on this machine, told by the built CLI. Ends with status 1
 * when a command ends otherwise than the story says.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const INFRA = join(import.meta.dirname, '..', 'bin', 'run.js');
const ALICE = ['user', 'add', 'alice', '--email', 'alice@example.com', '--yes'];

/** One command of the story: what is said before it, what is typed, how it has to end. */
type Scene = { readonly told: readonly string[]; readonly typed: readonly string[]; readonly status: number };

const STORY: readonly Scene[] = [
  {
    told: [
      'Alice joins. Her entry belongs into Vault, then five stacks have to be applied, in the right order.',
      'One command: it looks first, shows what it will do, does it, and proves the result.',
    ],
    typed: ALICE,
    status: 0,
  },
  {
    told: ['The same command again. Nothing is left to do, so nothing is done.'],
    typed: ALICE,
    status: 0,
  },
  {
    told: [
      'Not every name may be a user. Vault has a secret called "authentik", and a user of that name would own it.',
      'The refusal comes before anything is written.',
    ],
    typed: ['user', 'add', 'authentik', '--email', 'mallory@example.com', '--yes'],
    status: 65,
  },
];

const isTerminal = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
const paint = (code: number, text: string): string => (isTerminal ? `\u001B[${code}m${text}\u001B[0m` : text);
const say = (...lines: readonly string[]): boolean => process.stdout.write(lines.map((line) => `${line}\n`).join(''));

/** Runs a program on our own terminal; its exit status, or 128 for one that a signal ended. */
async function run(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 128));
  });
}

/** Plays the story; `infra` on PATH is the sandbox's. Returns how many commands ended otherwise than told. */
async function play(): Promise<number> {
  let surprises = 0;
  for (const { told, typed, status } of STORY) {
    say('', ...told.map((line) => paint(2, line)), '', paint(1, `$ infra ${typed.join(' ')}`));
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
    'Now you, in a shell of your own on such a platform (leave it with exit):',
    '  node_modules/.bin/node bin/run.js sandbox',
    '    infra user verify alice --json     the proof, for machines',
    '    infra user list                    who there is, and who is not as the entry says',
    '    infra run list                     what was done, and where it could go on',
    '    infra doctor                       what infra needs, with a fix for each',
    'On your platform: infra doctor in its repository, then infra user add NAME --dry-run',
  );
}

if (process.argv.includes('--inside')) {
  const surprises = await play();
  if (surprises === 0) farewell();
  process.exitCode = surprises === 0 ? 0 : 1;
} else {
  say('A small platform is started on this machine: Vault, a cluster, stacks. Nothing else is touched.');
  const self = [process.execPath, import.meta.filename, '--inside'];
  process.exitCode = await run(process.execPath, [INFRA, 'sandbox', '--', ...self]);
}
