import type { Diagnostic } from '../../clients/terragrunt/client.ts';
import { InfraError } from '../../errors.ts';
import type { StackDeps } from '../deps.ts';
import { namedInFile } from '../locks/look-file.ts';
import { whoHolds } from '../locks/who-holds.ts';
import type { Stack } from '../stack.ts';
import { isTransient } from './transient.ts';

/** Code of the violations of a failure that may pass by itself. */
const TRANSIENT_FAILURE = 'stack.transient';

/** True for an error of `failureOf` all of whose causes may pass by themselves. */
export function mayPass(error: InfraError): boolean {
  return error.violations.length > 0 && error.violations.every(({ code }) => code === TRANSIENT_FAILURE);
}

type Failed = { readonly diagnostics: readonly Diagnostic[]; readonly text: string };

/** The error of a plan or an apply that failed: a lock that is held and a stale plan have changed nothing for certain. */
export async function failureOf(
  deps: StackDeps,
  stack: Stack,
  verb: 'plan' | 'apply',
  failed: Failed,
): Promise<InfraError> {
  const errors = failed.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.some(({ means }) => means === 'lock-held')) return locked(deps, stack, verb);
  if (errors.some(({ means }) => means === 'plan-stale')) {
    return new InfraError(
      'stack.plan-stale',
      'busy',
      `Applied the plan of ${stack.name}: its state has changed since the plan was made. Nothing was applied.`,
      {
        hints: ['Somebody applied it meanwhile. Run the same command again: it plans anew.'],
        nothingChanged: true,
      },
    );
  }
  const said = errors.length > 0 ? errors.map(describe) : [lastLine(failed.text)];
  const code = verb === 'plan' ? 'stack.plan-failed' : 'stack.apply-failed';
  const raw = errors.length > 0 ? errors.map(({ summary, detail }) => `${summary}\n${detail}`) : [failed.text];
  const passes = raw.every(isTransient);
  const tried = verb === 'plan' ? 'Planned' : 'Applied';
  return new InfraError(
    code,
    'fail',
    `${tried} ${stack.name}: ${said[0]}${said.length > 1 ? ` (and ${said.length - 1} more)` : ''}`,
    {
      violations: said.map((message) => ({ code: passes ? TRANSIENT_FAILURE : code, message })),
      hints: [
        `See it by hand: cd ${stack.folder} && ${deps.site.stacks.run.value === 'wrapper' ? deps.site.stacks.wrapper.value : 'terragrunt'} plan`,
      ],
      nothingChanged: verb === 'plan',
    },
  );
}

/** The backend's message names the one who was refused, so it is never shown: the state database or the local backend's file names the holder. */
async function locked(deps: StackDeps, stack: Stack, verb: string): Promise<InfraError> {
  const holder = stack.tier === 0 ? await namedInFile(deps, stack.name) : await whoHolds(deps, stack);
  const who = holder ?? 'another run';
  const hints = [
    'Wait for it and run the same command again.',
    `Who it is, and whether it still lives: infra stack unlock ${stack.name} --dry-run`,
  ];
  return new InfraError('stack.locked', 'busy', `Tried to ${verb} ${stack.name}: its state is locked by ${who}.`, {
    hints,
    nothingChanged: true,
  });
}

/** One line: the summary and the first line of the detail. An error that terragrunt only relays stands in a later line. */
function describe(diagnostic: Diagnostic): string {
  const lines = [diagnostic.summary, ...diagnostic.detail.split('\n')]
    .map((line) =>
      line
        .replace(/^(?:tofu|terraform): /, '')
        .replace(/^[│╷╵|\s]+/, '')
        .trim(),
    )
    .filter((line) => line !== '');
  const relayed = lines.findIndex((line) => line.startsWith('Error: '));
  const [first = 'it failed', ...rest] = relayed < 0 ? lines : lines.slice(relayed);
  const where = diagnostic.address === undefined ? '' : `${diagnostic.address}: `;
  return `${where}${first.replace(/^Error: /, '')}${rest[0] === undefined ? '' : `: ${rest[0]}`}`;
}

function lastLine(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => line.trim())
      .findLast((line) => line !== '') ?? 'it failed without a word'
  );
}
