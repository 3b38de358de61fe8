import { Flags } from '@oclif/core';
import { InfraError } from '../errors.ts';
import type { Allowed } from '../stacks/guards/allowed.ts';
import { dryRunFlag, yesFlag } from './flags.ts';
import { selectionFlags } from './stack-selection.ts';

/** The flags that answer guards and questions; a resume takes them anew. */
export const answerFlags = {
  'allow-destroy': Flags.string({
    description: 'May be deleted, replaced or forgotten: ADDRESS or STACK:ADDRESS.',
    multiple: true,
    helpValue: 'ADDRESS',
  }),
  'allow-guarded': Flags.string({
    description: 'May be changed although a rule guards it: ADDRESS or STACK:ADDRESS.',
    multiple: true,
    helpValue: 'ADDRESS',
  }),
  'accept-replans': Flags.boolean({
    description: 'Also apply what a plan made after a dependency was applied holds; guards still refuse.',
    default: false,
  }),
};

/** How many stacks are worked on at once. */
export const parallelismFlag = Flags.integer({
  description: 'Stacks at once; default by cores and memory.',
  helpValue: 'N',
  min: 1,
  max: 64,
});

/** The flags of `infra stack apply`. */
export const applyFlags = {
  ...selectionFlags,
  ...answerFlags,
  parallelism: parallelismFlag,
  resume: Flags.boolean({ description: 'Go on with the last run that left something open.', default: false }),
  forge: Flags.string({
    description: 'Only pipelines of this forge apply; those of a mirror do nothing.',
    helpValue: 'HOST',
  }),
  yes: yesFlag,
  'dry-run': dryRunFlag,
};

/** What was listed. */
export function allowedOf(flags: {
  readonly 'allow-destroy'?: readonly string[] | undefined;
  readonly 'allow-guarded'?: readonly string[] | undefined;
}): Allowed {
  return { destroy: flags['allow-destroy'] ?? [], guarded: flags['allow-guarded'] ?? [] };
}

/** --resume takes its stacks from the journal. Errors: `usage.two-selections` (64). */
export function assertOnlyResume(
  names: readonly string[],
  flags: { readonly affected: boolean; readonly all: boolean },
): void {
  if (names.length === 0 && !flags.affected && !flags.all) return;
  throw new InfraError(
    'usage.two-selections',
    'usage',
    '--resume goes on with the stacks of its run: name no others.',
    {
      hints: ['infra stack apply --resume'],
    },
  );
}
