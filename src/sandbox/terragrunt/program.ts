import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CommandLine, checkFlags, parseTerragrunt, parseTofu } from './arguments.ts';
import { Diagnosed } from './failure.ts';
import { findUnits, formatUnits } from './find.ts';
import { jsonView } from './json-view.ts';
import type { Env } from './run-plan.ts';
import { textView } from './text-view.ts';
import { runVerb, versionText } from './verbs.ts';
import type { Output } from './view.ts';

/** The version that the stand-in says it is. */
const TERRAGRUNT_VERSION = 'v1.0.0';

/** A process as a program sees it. `onSignal` is called for every SIGINT and SIGTERM; `exit` ends it at once. */
export type Process = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly pid: number;
  readonly env: Env;
  readonly output: Output;
  readonly onSignal: (handler: () => void) => void;
  readonly exit: (status: number) => never;
};

/** terragrunt or tofu, run once. Returns the exit status. Every call is recorded in `calls.jsonl`. */
export async function runProgram(tool: 'terragrunt' | 'tofu', process: Process): Promise<number> {
  recordCall(tool, process);
  const { argv } = process;
  const line = tool === 'terragrunt' ? parseTerragrunt(argv) : parseTofu(argv);
  const plain = process.output;
  if (line.global.has('version') || (tool === 'terragrunt' && (argv[0] === '-v' || argv[0] === '-version'))) {
    plain.out(`terragrunt version ${TERRAGRUNT_VERSION}\n`);
    return 0;
  }
  if (tool === 'tofu' && (line.verb === 'version' || line.verb === 'v')) {
    plain.out(versionText(line.flags.has('json')));
    return 0;
  }
  const folder = resolve(process.cwd, String(line.global.get('working-dir') ?? ''));
  if (line.verb === 'find' || line.verb === 'list') {
    const units = findUnits(folder);
    plain.out(formatUnits(units, line.global.has('json'), line.global.has('dependencies') || line.global.has('dag')));
    return 0;
  }
  return runInUnit(tool, process, line, folder);
}

async function runInUnit(
  tool: 'terragrunt' | 'tofu',
  process: Process,
  line: CommandLine,
  folder: string,
): Promise<number> {
  const raw = ['show', 'output', 'state pull', 'state list', 'version'].includes(line.verb) || line.flags.has('json');
  const forward =
    raw || tool === 'tofu' || line.global.has('tf-forward-stdout') || process.env.TG_TF_FORWARD_STDOUT === 'true';
  const output = forward ? process.output : prefixed(process.output);
  const view =
    line.flags.has('json') && (line.verb === 'plan' || line.verb === 'apply') ? jsonView(output) : textView(output);
  const interrupt = { count: 0 };
  process.onSignal(() => {
    interrupt.count += 1;
    if (interrupt.count === 1) {
      view.log(
        '\nInterrupt received.\nPlease wait for OpenTofu to exit or data loss may occur.\nGracefully shutting down...\n',
      );
      if (line.verb === 'apply') view.log('Stopping operation...');
      return;
    }
    view.log('\nTwo interrupts received. Exiting immediately. Note that data loss may have occurred.\n');
    process.exit(1);
  });
  try {
    if (line.flags.has('json') && (line.verb === 'plan' || line.verb === 'apply')) view.version();
    checkFlags(line);
    const status = await runVerb({ line, folder, env: process.env, view, output, interrupt });
    return finish(tool, process, line, interrupt.count > 0 && status === 0 && line.verb === 'plan' ? 1 : status);
  } catch (error) {
    if (!(error instanceof Diagnosed)) throw error;
    view.diagnostic(error);
    return finish(tool, process, line, 1);
  }
}

/** terragrunt adds its own two lines on stderr when tofu failed. */
function finish(tool: 'terragrunt' | 'tofu', process: Process, line: CommandLine, status: number): number {
  if (tool === 'terragrunt' && status === 1) {
    const words = [
      line.verb,
      ...[...line.flags].map(([name, value]) => (value === true ? `-${name}` : `-${name}=${value}`)),
      ...line.positional,
    ];
    process.output.err(
      `${clock()} ERROR  tofu invocation failed in .\n${clock()} ERROR  error occurred:\n\n* Failed to execute "tofu ${words.join(' ')}" in .\n\n  exit status ${status}\n\n`,
    );
  }
  return status;
}

/** terragrunt's prefix on every line of a run that is not forwarded raw. */
function prefixed(output: Output): Output {
  const mark = (channel: string, text: string) =>
    text.replace(/^(?=.|\n)/gm, `${clock()} ${channel} tofu: `).replace(/ tofu: $/, '');
  return { out: (text) => output.out(mark('STDOUT', text)), err: (text) => output.err(mark('STDERR', text)) };
}

function clock(): string {
  return new Date().toISOString().slice(11, 23);
}

function recordCall(tool: string, process: Process): void {
  const dir = process.env.INFRA_SANDBOX_DIR;
  if (dir === undefined) return;
  const call = { tool, argv: process.argv, cwd: process.cwd, env: Object.keys(process.env).sort(), pid: process.pid };
  appendFileSync(join(dir, 'calls.jsonl'), `${JSON.stringify(call)}\n`, { mode: 0o600 });
}
