import { resolve } from 'node:path';
import type { Finished } from '../../clients/process/client.ts';
import type { Diagnostic, Terragrunt, Unit } from '../../clients/terragrunt/client.ts';
import type { StackDeps } from '../deps.ts';

/** Who plans and applies: terragrunt itself, or the repository's own wrapper around it. */
export type Runner = Pick<Terragrunt, 'plan' | 'apply' | 'show'>;

/** The runner that the site wants (`stacks.run`). */
export function runnerOf(deps: StackDeps): Runner {
  return deps.site.stacks.run.value === 'wrapper' ? wrapperRunner(deps) : deps.clients.terragrunt;
}

/**
 * Plans and applies through `stacks.wrapper`, which decrypts, guards and encrypts by its own rules. The lock timeout goes
 * by TF_CLI_ARGS_*: a wrapper that appends flags behind a plan file breaks terragrunt 0.99, and ours come first anyway.
 */
function wrapperRunner(deps: StackDeps): Runner {
  const program = resolve(deps.site.root.value, deps.site.stacks.wrapper.value);
  const command = (unit: Unit, args: readonly string[], lockTimeout: string) => ({
    program,
    args,
    cwd: unit.folder,
    env: { ...unit.env, [`TF_CLI_ARGS_${args[0]}`]: `-lock-timeout=${lockTimeout}` },
    secretEnv: unit.secretEnv,
  });
  return {
    show: (unit, file) => deps.clients.terragrunt.show(unit, file),
    async plan(unit, { out, lockTimeout, lock, signal, timeoutMs }) {
      const flags = ['-input=false', '-json', '-detailed-exitcode', ...(lock ? [] : ['-lock=false']), `-out=${out}`];
      const finished = await deps.clients.processes.run(command(unit, ['plan', ...flags], lockTimeout), {
        ...(signal === undefined ? {} : { signal }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      const outcome = finished.exitCode === 0 ? 'no-changes' : finished.exitCode === 2 ? 'changes' : 'failed';
      return { outcome, ...reported(finished) };
    },
    async apply(unit, file, lockTimeout, { onProgress, ...hold }) {
      const onLine = (line: string): void => {
        const { type, hook } = readLine(line);
        if (typeof hook?.resource?.addr === 'string' && (type === 'apply_start' || type === 'apply_complete')) {
          onProgress?.(hook.resource.addr, type === 'apply_complete');
        }
      };
      const args = ['apply', '-input=false', '-json', file];
      const finished = await deps.clients.processes.hold(command(unit, args, lockTimeout), { ...hold, onLine });
      return { outcome: finished.exitCode === 0 ? 'applied' : 'failed', ...reported(finished) };
    },
  };
}

function reported(finished: Finished): {
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
  readonly durationMs: number;
} {
  const diagnostics = finished.stdout.split('\n').flatMap((line): readonly Diagnostic[] => {
    const { type, diagnostic } = readLine(line);
    if (type !== 'diagnostic' || typeof diagnostic?.summary !== 'string') return [];
    const { severity, summary, detail, address } = diagnostic;
    return [
      {
        severity: severity === 'warning' ? 'warning' : 'error',
        summary,
        detail: detail ?? '',
        ...(address ? { address } : {}),
      },
    ];
  });
  return { diagnostics, text: finished.stderr, durationMs: finished.durationMs };
}

/** One line of terraform's machine-readable UI; whatever else a wrapper prints is an empty line to us. */
type UiLine = {
  readonly type?: string;
  readonly diagnostic?: {
    readonly severity?: string;
    readonly summary?: string;
    readonly detail?: string;
    readonly address?: string;
  };
  readonly hook?: { readonly resource?: { readonly addr?: string } };
};

function readLine(line: string): UiLine {
  if (!line.startsWith('{')) return {};
  try {
    return JSON.parse(line) as UiLine;
  } catch {
    // A line of the wrapper's own that begins with a brace.
    return {};
  }
}
