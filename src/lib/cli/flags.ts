import { Args, Flags } from '@oclif/core';

/** The flags of commands that print text only (`completion`, `sandbox`). */
export const textFlags = {
  debug: Flags.boolean({ description: 'Say on stderr what is done, without secrets.', helpGroup: 'GLOBAL' }),
  'no-color': Flags.boolean({ description: 'No colours; NO_COLOR does the same.', helpGroup: 'GLOBAL' }),
  quiet: Flags.boolean({ description: 'No progress on stderr.', helpGroup: 'GLOBAL' }),
};

/** The flags of every other command. */
export const globalFlags = {
  json: Flags.boolean({ description: 'Print exactly one JSON document, also on failure.', helpGroup: 'GLOBAL' }),
  repo: Flags.string({
    description: 'The infra repository; default: INFRA_REPO, else the folder above that has infra.yaml.',
    helpGroup: 'GLOBAL',
    helpValue: 'DIR',
  }),
  ...textFlags,
};

/** For commands that ask before they change something. It answers that question only, never a guard. */
export const yesFlag = Flags.boolean({ description: 'Go on without asking; guards still refuse.' });

/** For commands that change something. */
export const dryRunFlag = Flags.boolean({ description: 'Read everything, print what would be done, change nothing.' });

/** An existing user; shell completion knows the argument by its name `user`. */
export const userArg = Args.string({ description: 'Name of a user.', required: true, ignoreStdin: true });

/** A run's id; shell completion knows the argument by its name `run`. */
export const runArg = Args.string({
  description: 'Id of a run, as `infra run list` prints it.',
  required: true,
  ignoreStdin: true,
});
