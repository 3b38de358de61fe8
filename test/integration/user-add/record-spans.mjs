// Loaded into the stand-in programs with NODE_OPTIONS=--import: writes when each of them starts and ends, and every
// signal that it gets, as JSON lines in the file that SPANS names. A program that was killed has no end.
import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';

const program = /\/sandbox\/bin\/(\w+)\.ts$|\/sandbox-(\w+)\.js$/.exec(process.argv[1] ?? '');
if (program !== null && process.env.SPANS !== undefined) {
  const name = program[1] ?? program[2];
  const span = { program: name, stack: basename(process.cwd()), argv: process.argv.slice(2) };
  const tell = (what) =>
    appendFileSync(process.env.SPANS, `${JSON.stringify({ what, pid: process.pid, at: Date.now(), ...span })}\n`);
  tell('start');
  process.on('exit', () => tell('end'));
  // The stand-in of terragrunt listens to both itself; sops does not, and a listener would keep a signal from ending it.
  if (name !== 'sops') for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tell(signal));
}
