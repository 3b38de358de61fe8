import { Flags } from '@oclif/core';
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
  'allow-unrelated': Flags.boolean({ description: 'Also apply pending changes that are not about this user.' }),
  'restart-portal': Flags.boolean({ description: 'Restart the portal, which reads its users at start.' }),
};

/** Those that make up an entry, as parsed. */
export type EntryFlags = {
  readonly role?: string | undefined;
  readonly email?: string | undefined;
  readonly namespace?: string[] | undefined;
  readonly domain?: string[] | undefined;
  readonly quota?: string[] | undefined;
};
