import { quoted } from '../quoted.ts';
import type { Violation } from '../schema.ts';
import { violation } from '../schema.ts';
import type { Rule } from './rule.ts';
import { LABEL, LONGEST_LABEL, others, strangers } from './rule.ts';

/** Namespaces of Kubernetes itself. */
const SYSTEM = /^(?:kube-.*|default)$/;

function each(check: (namespace: string) => readonly Violation[], namespaces: readonly string[]): readonly Violation[] {
  return [...new Set(namespaces)].flatMap(check);
}

/** Rules about namespaces, which the vault stack makes, hands over and, without an entry, destroys. */
export const NAMESPACE_RULES: readonly Rule[] = [
  {
    id: 'namespaces-of-role',
    check: ({ entry: { role, namespaces } }) => {
      if (role === 'namespace-owner') {
        return namespaces.length > 0
          ? []
          : [
              violation(
                'namespaces-missing',
                'A namespace-owner needs at least one namespace: with an empty list the vault stack makes an empty policy, which Vault refuses.',
              ),
            ];
      }
      return namespaces.length === 0
        ? []
        : [
            violation(
              'namespaces-ignored',
              `The role ${role} gets no namespace of its own: the stacks would ignore ${namespaces.map(quoted).join(', ')}. Leave it out, or use the role namespace-owner.`,
            ),
          ];
    },
  },
  {
    id: 'namespace-form',
    check: ({ name, entry }) =>
      each(
        (namespace) =>
          // A namespace that has the name of the user is wrong in the same way, and was only taken from it.
          (LABEL.test(namespace) && namespace.length <= LONGEST_LABEL) || namespace === name
            ? []
            : [
                violation(
                  'namespace-form',
                  `The namespace ${quoted(namespace)} is not a DNS label (a-z, 0-9 and inner hyphens, at most ${LONGEST_LABEL} characters${strangers(namespace)}): Kubernetes would refuse it in the middle of the apply.`,
                ),
              ],
        entry.namespaces,
      ),
  },
  {
    id: 'namespace-twice',
    check: ({ entry: { namespaces } }) =>
      [...new Set(namespaces.filter((namespace, at) => namespaces.indexOf(namespace) !== at))].map((namespace) =>
        violation(
          'namespace-twice',
          `The namespace ${quoted(namespace)} is given twice: the rbac stack fails on the repeated key.`,
        ),
      ),
  },
  {
    id: 'namespace-system',
    check: ({ entry }) =>
      each((namespace) => {
        if (namespace === 'ci') {
          return [
            violation(
              'namespace-ci',
              'The namespace "ci" would need the Vault role ci-deployer, which the platform’s pipelines have already.',
            ),
          ];
        }
        return SYSTEM.test(namespace)
          ? [
              violation(
                'namespace-system',
                `The namespace ${quoted(namespace)} belongs to Kubernetes itself: its owner would own the cluster.`,
              ),
            ]
          : [];
      }, entry.namespaces),
  },
  {
    id: 'namespace-exists',
    check: (user, facts) => {
      if (facts.namespaces.state !== 'answered') return [];
      const existing = facts.namespaces.value;
      const own = facts.users.get(user.name)?.claims.namespaces ?? [];
      return each(
        (namespace) =>
          existing.includes(namespace) && !own.includes(namespace) && !SYSTEM.test(namespace)
            ? [
                violation(
                  'namespace-exists',
                  `The namespace ${quoted(namespace)} exists in the cluster and is not the user’s: the vault stack would fail on it, or destroy it when the user leaves.`,
                ),
              ]
            : [],
        user.entry.namespaces,
      );
    },
  },
  {
    id: 'namespace-declared',
    check: ({ entry }, facts) =>
      each((namespace) => {
        const stack =
          facts.declaredNamespaces.state === 'answered' ? facts.declaredNamespaces.value.get(namespace) : undefined;
        return stack === undefined
          ? []
          : [
              violation(
                'namespace-declared',
                `The stack ${stack} declares the namespace ${quoted(namespace)}: two states would claim one object, and removing the user would delete what runs in it.`,
              ),
            ];
      }, entry.namespaces),
  },
  {
    id: 'namespace-state-key',
    check: (user, facts) => {
      const keys = facts.transitKeys.state === 'answered' ? facts.transitKeys.value : [];
      const own = facts.users.get(user.name)?.claims.namespaces ?? [];
      return each(
        (namespace) =>
          keys.includes(`sops-state-${namespace}`) && !own.includes(namespace)
            ? [
                violation(
                  'namespace-state-key',
                  `The transit key sops-state-${namespace} exists: the owner of a namespace ${quoted(namespace)} could decrypt what it protects, such as the state of a stack.`,
                ),
              ]
            : [],
        user.entry.namespaces,
      );
    },
  },
  {
    id: 'namespace-shared',
    check: (user, facts) =>
      each(
        (namespace) =>
          others(user, facts)
            .filter((other) => other.claims.namespaces.includes(namespace))
            .map((other) =>
              violation(
                'namespace-shared',
                `The namespace ${quoted(namespace)} belongs to the user ${quoted(other.name)}: the rbac stack fails on the second quota in it.`,
              ),
            ),
        user.entry.namespaces,
      ),
  },
  {
    id: 'namespace-pair',
    check: (user, facts) => {
      const pairs = new Map(
        others(user, facts).flatMap((other) =>
          other.claims.namespaces.map(
            (namespace) => [`${other.name}-${namespace}`, `${other.name} and ${namespace}`] as const,
          ),
        ),
      );
      return each((namespace) => {
        const pair = pairs.get(`${user.name}-${namespace}`);
        return pair === undefined
          ? []
          : [
              violation(
                'namespace-pair',
                `The name ${quoted(user.name)} and the namespace ${quoted(namespace)} give the same key "${user.name}-${namespace}" as ${pair}: the rbac stack fails for everybody.`,
              ),
            ];
      }, user.entry.namespaces);
    },
  },
];
