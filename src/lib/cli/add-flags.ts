import { Flags } from '@oclif/core';
import { InfraError } from '../errors.ts';
import { ROLES } from '../users/entry.ts';
import { dryRunFlag, yesFlag } from './flags.ts';

/** The flags of `infra user add`. */
export const addFlags = {
  role: Flags.string({ description: `One of ${ROLES.join(', ')}; default namespace-owner.`, helpValue: 'ROLE' }),
  email: Flags.string({ description: 'E-mail, exactly as Authentik knows it.', helpValue: 'EMAIL' }),
  namespace: Flags.string({ description: 'Namespace to own; default the name.', multiple: true, helpValue: 'NS' }),
  domain: Flags.string({ description: 'Label below the platform’s domain.', multiple: true, helpValue: 'LABEL' }),
  quota: Flags.string({
    description: 'cpu_requests, memory_requests, memory_limits, pods.',
    multiple: true,
    helpValue: 'KEY=VALUE',
  }),
  confirm: Flags.string({ description: 'For the admin role: the e-mail once more.', helpValue: 'EMAIL' }),
  yes: yesFlag,
  'dry-run': dryRunFlag,
  apply: Flags.boolean({ description: '--no-apply stops after the verified edit.', default: true, allowNo: true }),
  baseline: Flags.boolean({
    description: '--no-baseline skips the plans before the edit.',
    default: true,
    allowNo: true,
  }),
  // Without a default oclif gives undefined, whatever its types say, and a journal would not keep the answer.
  'allow-unrelated': Flags.boolean({
    description: 'Also apply pending changes that are not about this user.',
    default: false,
  }),
  'restart-portal': Flags.boolean({
    description: 'Restart the portal, which reads its users at start.',
    default: false,
  }),
};

/** Those that make up an entry, as parsed. */
export type EntryFlags = {
  readonly role?: string | undefined;
  readonly email?: string | undefined;
  readonly namespace?: string[] | undefined;
  readonly domain?: string[] | undefined;
  readonly quota?: string[] | undefined;
};

/**
 * Whether the entry is to be read from standard input: `-` after the name. Any other second word, and flags beside `-`,
 * would be dropped without a word: 64, `usage.unexpected-argument` and `usage.entry-twice`.
 */
export function entryIsOnStdin(word: string | undefined, flags: EntryFlags): boolean {
  if (word === undefined) return false;
  if (word !== '-') {
    throw new InfraError('usage.unexpected-argument', 'usage', `Nothing is expected at: ${word}`, {
      hints: ['One user at a time; - reads the entry from standard input.', 'All flags: infra user add --help'],
    });
  }
  const given = (['role', 'email', 'namespace', 'domain', 'quota'] as const).filter(
    (name) => flags[name] !== undefined,
  );
  if (given.length === 0) return true;
  const names = given.map((name) => `--${name}`).join(', ');
  throw new InfraError(
    'usage.entry-twice',
    'usage',
    `The entry is given twice: on standard input (-) and by ${names}.`,
    {
      hints: ['Leave out the flags, or leave out the -.'],
    },
  );
}
