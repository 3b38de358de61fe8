import { quoted } from '../quoted.ts';
import { violation } from '../schema.ts';
import type { Rule } from './rule.ts';
import { isEstablished, isStored, LABEL, LONGEST_LABEL, strangers } from './rule.ts';

/** Names that mean something else in Vault, in Kubernetes or in the platform's documents, with what they mean. */
const RESERVED: Readonly<Record<string, string>> = {
  root: 'Vault’s root policy',
  default: 'Vault’s default policy and the default namespace',
  ci: 'the pipelines’ role in Vault',
  vault: 'Vault’s own secrets',
  platform: 'the secret that holds the users themselves',
  infra: 'the platform’s own secrets',
  locks: 'the stacks’ locks',
  offboarded: 'the entries of users who left',
  admin: 'an administrator, for whoever reads a log',
  system: 'the system itself, for whoever reads a log',
};

/** Rules about the name, which becomes a Vault policy, an identity and part of many object names. */
export const NAME_RULES: readonly Rule[] = [
  {
    id: 'name-form',
    check: ({ name }) => {
      if (name.length > LONGEST_LABEL) {
        return [
          violation(
            'name-form',
            `The name has ${name.length} characters; names of objects are made of it, and a DNS label ends at ${LONGEST_LABEL}.`,
          ),
        ];
      }
      if (LABEL.test(name)) return [];
      return [
        violation(
          'name-form',
          `The name ${quoted(name)} is not a DNS label (a-z, 0-9 and inner hyphens${strangers(name)}): Kubernetes would refuse the objects named after it.`,
        ),
      ];
    },
  },
  {
    id: 'name-reserved',
    check: (user, facts) =>
      Object.hasOwn(RESERVED, user.name) && !isStored(user, facts)
        ? [
            violation(
              'name-reserved',
              `The name ${quoted(user.name)} stands for something else: ${RESERVED[user.name]}. Choose another name.`,
            ),
          ]
        : [],
  },
  {
    id: 'name-owns-secret',
    check: (user, facts) => {
      if (facts.roots.state === 'unknown') {
        const code = facts.roots.reason === 'forbidden' ? 'roots-not-listable' : 'roots-unknown';
        const status = facts.roots.reason === 'forbidden' ? 'denied' : facts.roots.error.status;
        return [
          {
            ...violation(
              code,
              `Whether ${quoted(user.name)} is already a secret could not be asked, and a user of that name would own it: ${facts.roots.error.message}`,
              status,
            ),
            hints: facts.roots.error.hints,
          },
        ];
      }
      if (facts.roots.state !== 'answered' || !facts.roots.value.includes(user.name) || isEstablished(user, facts))
        return [];
      return [
        violation(
          'name-owns-secret',
          `${quoted(user.name)} is already a secret, and a user of that name would own it: the policy of a namespace owner grants all of it. Choose another name.`,
        ),
      ];
    },
  },
  {
    id: 'name-is-stack',
    check: (user, facts) =>
      facts.stacks.state === 'answered' && facts.stacks.value.includes(user.name) && !isEstablished(user, facts)
        ? [
            violation(
              'name-is-stack',
              `${quoted(user.name)} is the name of a stack: its secrets, present or to come, would belong to the user. Choose another name.`,
            ),
          ]
        : [],
  },
  {
    id: 'name-taken-in-vault',
    check: (user, facts) => {
      if (facts.vaultNames.state !== 'answered' || isStored(user, facts)) return [];
      const { policies, entities, groups } = facts.vaultNames.value;
      const taken = [
        ...[`namespace-owner-${user.name}`, `sops-user-${user.name}`]
          .filter((name) => policies.includes(name))
          .map((name) => `the policy ${name}`),
        ...(entities.includes(user.name) ? [`the entity ${user.name}`] : []),
        ...(groups.includes(`sops-${user.name}`) ? [`the group sops-${user.name}`] : []),
      ];
      if (taken.length === 0) return [];
      return [
        violation(
          'name-taken-in-vault',
          `Vault has ${taken.join(', ')} already, though no entry has that name: the vault stack would fail on it or take it over. Choose another name, or remove what is left over.`,
        ),
      ];
    },
  },
];
