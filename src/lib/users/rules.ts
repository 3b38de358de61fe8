import { InfraError, worstStatus } from '../errors.ts';
import type { User } from './entry.ts';
import type { RuleFacts } from './facts.ts';
import { quoted } from './quoted.ts';
import { DOMAIN_RULES, QUOTA_RULES } from './rules/domains-and-quota.ts';
import { EMAIL_RULES } from './rules/email.ts';
import { NAME_RULES } from './rules/name.ts';
import { NAMESPACE_RULES } from './rules/namespaces.ts';
import type { Rule } from './rules/rule.ts';
import type { ParsedUser, Violation } from './schema.ts';

/** Every rule that an entry has to keep, in the order in which violations are reported. */
export const RULES: readonly Rule[] = [
  ...NAME_RULES,
  ...EMAIL_RULES,
  ...NAMESPACE_RULES,
  ...DOMAIN_RULES,
  ...QUOTA_RULES,
];

/**
 * All violations at once; empty when the user may be added. A user that is stored already does not collide with its own
 * objects. Pure: what was not answered is silent here and listed by `unaskedFacts`, except the KV roots, which decide
 * about other people's secrets and refuse when they cannot be listed.
 */
export function checkRules(user: User, facts: RuleFacts): readonly Violation[] {
  return RULES.flatMap((rule) => rule.check(user, facts));
}

/** Nothing asked: only rules that need no facts speak. */
const NO_ANSWER = { state: 'not-configured', detail: 'not asked' } as const;
const NO_FACTS: RuleFacts = {
  users: new Map(),
  roots: NO_ANSWER,
  vaultNames: NO_ANSWER,
  transitKeys: NO_ANSWER,
  namespaces: NO_ANSWER,
  stacks: NO_ANSWER,
  declaredNamespaces: NO_ANSWER,
  proxiedNames: NO_ANSWER,
  authentik: NO_ANSWER,
};

/** Rules that speak about the role, which a draft may lack. */
const OF_ROLE = ['namespaces-of-role', 'domains-of-role', 'quota-of-role'];

/**
 * Everything that can be said about an input of the wrong form without asking anybody: what is wrong with its form, and
 * the rules on what could be understood of it.
 */
export function formViolations(parsed: Extract<ParsedUser, { ok: false }>): readonly Violation[] {
  const { draft, violations } = parsed;
  if (draft === undefined) return violations;
  const { role, email } = draft.entry;
  const judged = RULES.filter(
    (rule) =>
      (role !== undefined || !OF_ROLE.includes(rule.id)) &&
      (email !== undefined || !EMAIL_RULES.includes(rule)) &&
      (draft.name !== '' || !NAME_RULES.includes(rule)),
  );
  const user: User = {
    name: draft.name,
    entry: { ...draft.entry, role: role ?? 'namespace-owner', email: email ?? '' },
  };
  return [...violations, ...judged.flatMap((rule) => rule.check(user, NO_FACTS))];
}

/** Violations as the error that stops a command: one keeps its own code, several are listed under `users.rules`. */
export function rulesError(name: string, violations: readonly Violation[]): InfraError {
  const [first] = violations;
  const hints = [...new Set(violations.flatMap((each) => each.hints ?? []))];
  const details = { violations: violations.map(({ code, message }) => ({ code, message })), hints };
  if (first !== undefined && violations.length === 1) {
    return new InfraError(first.code, first.status, `${first.message} Nothing was changed.`, { hints });
  }
  const status = worstStatus(violations.map((each) => each.status));
  return new InfraError(
    'users.rules',
    status,
    `The user ${quoted(name)} breaks ${violations.length} rules. Nothing was changed.`,
    details,
  );
}
