import type { Quota } from '../entry.ts';
import { cpuProblem, memoryProblem, podsProblem } from '../quantity.ts';
import { quoted } from '../quoted.ts';
import { violation } from '../schema.ts';
import { QUOTA_KEYS } from '../stored-entry.ts';
import type { Rule } from './rule.ts';
import { LABEL, LONGEST_LABEL, others } from './rule.ts';

const PROBLEM_OF: Readonly<Record<keyof Quota, (text: string) => string | undefined>> = {
  cpu_requests: cpuProblem,
  memory_requests: memoryProblem,
  memory_limits: memoryProblem,
  pods: podsProblem,
};

/** Rules about domains: each becomes one DNS record of the platform's zone. */
export const DOMAIN_RULES: readonly Rule[] = [
  {
    id: 'domains-of-role',
    check: ({ entry: { role, domains } }) =>
      role === 'namespace-owner' || domains.length === 0
        ? []
        : [
            violation(
              'domains-ignored',
              `The role ${role} gets no domains: the DNS stack reads those of namespace-owners only.`,
            ),
          ],
  },
  {
    id: 'domain-form',
    check: ({ entry }) =>
      [...new Set(entry.domains)].flatMap((domain) => {
        if (LABEL.test(domain) && domain.length <= LONGEST_LABEL) return [];
        const first =
          domain
            .toLowerCase()
            .replace(/^https?:\/\//, '')
            .split('.')[0] ?? '';
        const meant = LABEL.test(first) ? ` Write ${quoted(first)}: the zone is added by itself.` : '';
        return [
          violation(
            'domain-form',
            `The domain ${quoted(domain)} is not a bare label (a-z, 0-9 and inner hyphens).${meant}`,
          ),
        ];
      }),
  },
  {
    id: 'domain-twice',
    check: ({ entry: { domains } }) =>
      [...new Set(domains.filter((domain, at) => domains.indexOf(domain) !== at))].map((domain) =>
        violation('domain-twice', `The domain ${quoted(domain)} is given twice.`),
      ),
  },
  {
    id: 'domain-taken',
    check: (user, facts) =>
      [...new Set(user.entry.domains)].flatMap((domain) =>
        others(user, facts)
          .filter((other) => other.claims.domains.includes(domain))
          .map((other) =>
            violation(
              'domain-taken',
              `The domain ${quoted(domain)} belongs to the user ${quoted(other.name)}: the same record twice makes the DNS plan fail for everybody.`,
            ),
          ),
      ),
  },
  {
    id: 'domain-of-platform',
    check: ({ entry }, facts) => {
      const names = facts.proxiedNames.state === 'answered' ? facts.proxiedNames.value : [];
      return [...new Set(entry.domains)]
        .filter((domain) => names.includes(domain))
        .map((domain) =>
          violation(
            'domain-of-platform',
            `The domain ${quoted(domain)} is one of the platform’s own (cloudflare_proxied_names in config.tfvars): the same record twice makes the DNS plan fail for everybody.`,
          ),
        );
    },
  },
];

/** Rules about the quota of a namespace. */
export const QUOTA_RULES: readonly Rule[] = [
  {
    id: 'quota-of-role',
    check: ({ entry: { role, quota } }) =>
      role === 'namespace-owner' || Object.keys(quota).length === 0
        ? []
        : [
            violation(
              'quota-ignored',
              `The role ${role} has no namespace that a quota could limit: the stacks would ignore it.`,
            ),
          ],
  },
  {
    id: 'quota-values',
    check: ({ entry: { quota } }) =>
      QUOTA_KEYS.flatMap((key) => {
        const value = quota[key];
        const problem = value === undefined ? undefined : PROBLEM_OF[key](value);
        return value === undefined || problem === undefined
          ? []
          : [violation('quota-value', `The quota ${key} is ${quoted(value)}, which ${problem}.`)];
      }),
  },
];
