import { InfraError, worstStatus } from '../errors.ts';
import type { User } from './entry.ts';
import type { RuleFacts } from './facts.ts';
import { quoted } from './quoted.ts';
import { DOMAIN_RULES, QUOTA_RULES } from './rules/domains-and-quota.ts';
import { EMAIL_RULES } from './rules/email.ts';
import { NAME_RULES } from './rules/name.ts';
import { NAMESPACE_RULES } from './rules/namespaces.ts';
import type { Rule } from './rules/rule.ts';
import type { Violation } from './schema.ts';

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

/** Violations as the error that stops a command: one keeps its own code, several are listed under `users.rules`. */
export function rulesError(name: string, violations: readonly Violation[]): InfraError {
  const [first] = violations;
  const details = { violations: violations.map(({ code, message }) => ({ code, message })) };
  if (first !== undefined && violations.length === 1) {
    return new InfraError(first.code, first.status, `${first.message} Nothing was changed.`);
  }
  const status = worstStatus(violations.map((each) => each.status));
  return new InfraError(
    'users.rules',
    status,
    `The user ${quoted(name)} breaks ${violations.length} rules. Nothing was changed.`,
    details,
  );
}
