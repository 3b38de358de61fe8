import type { User } from '../../entry.ts';
import type { RuleFacts } from '../../facts.ts';
import { unaskedFacts } from '../../facts.ts';
import { checkRules, RULES, rulesError } from '../../rules.ts';
import { answer, blocking, type CheckAnswer } from './check.ts';

/**
 * All rules, and one answer for every source that could not be asked. With --no-apply only Vault's own list of secrets
 * has to be known (it is a rule); without it a source that did not answer stops the run, because what it would have
 * said decides whether the apply can succeed.
 */
export function checkRuleFacts(user: User, facts: RuleFacts, noApply: boolean): readonly CheckAnswer[] {
  const violations = checkRules(user, facts);
  const rules =
    violations.length === 0
      ? answer(
          'users.add.rules',
          `${RULES.length} rules`,
          'PASS',
          'name, e-mail, namespaces, domains and quota are valid and free',
        )
      : blocking('users.add.rules', 'rules', rulesError(user.name, violations));
  // The rules speak for the KV roots, and a check of its own for the account: each is said once.
  const others = unaskedFacts(facts).filter(
    (finding) =>
      finding.id !== 'users.facts.roots' &&
      (finding.id !== 'users.facts.authentik' || facts.authentik.state === 'unknown'),
  );
  const unasked = others.map((finding): CheckAnswer => {
    const key = finding.id.slice(finding.id.lastIndexOf('.') + 1) as Exclude<keyof RuleFacts, 'users'>;
    const fact = facts[key];
    if (noApply || fact.state !== 'unknown') return { finding };
    return { finding, blocks: fact.error.status, error: fact.error };
  });
  return [rules, ...unasked];
}
