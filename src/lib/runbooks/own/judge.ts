import type { Json } from '../../diagnosis/json.ts';
import type { Judgement } from '../../diagnosis/probe.ts';
import { type Cel, type Expression, templateParts } from './expression.ts';
import type { OwnProbe } from './schema.ts';

type Rule = OwnProbe['judge'][number];
type Compiled = {
  readonly rule: Rule;
  readonly when: Expression | undefined;
  readonly detail: (evidence: Json) => string;
};

/**
 * The judgement of a probe by its rules: the first one that holds decides. Evidence that a rule cannot be asked about
 * (a field that is not there) is UNKNOWN with CEL's words, and so is evidence that no rule speaks of: neither is healthy.
 */
export function makeJudge(rules: readonly Rule[], cel: Cel): (evidence: Json) => Judgement {
  const compiled = rules.map(
    (rule): Compiled => ({
      rule,
      when: rule.when === undefined ? undefined : cel.compile(rule.when),
      detail: template(rule.detail, cel),
    }),
  );
  return (evidence) => {
    for (const { rule, when, detail } of compiled) {
      const holds = attempt(() => (when === undefined ? true : when.evaluate(evidence)));
      if (holds.problem !== undefined) return unknown('no-value', `${when?.source}: ${holds.problem}`);
      if (typeof holds.value !== 'boolean') return unknown('no-value', `${when?.source}: is neither true nor false`);
      if (!holds.value) continue;
      const said = attempt(() => detail(evidence));
      if (said.problem !== undefined) return unknown('no-value', `${rule.detail}: ${said.problem}`);
      const { verdict, reason, observation, cause } = rule;
      return {
        verdict,
        detail: String(said.value),
        ...(reason === undefined ? {} : { reason }),
        ...(observation === undefined ? {} : { observations: [{ code: observation }] }),
        ...(cause === undefined ? {} : { causes: [{ code: cause }] }),
      };
    }
    return unknown('no-rule', 'no rule of the runbook speaks of this answer');
  };
}

const unknown = (reason: string, detail: string): Judgement => ({ verdict: 'UNKNOWN', reason, detail });

function template(text: string, cel: Cel): (evidence: Json) => string {
  const parts = templateParts(text).map(({ plain, source }) => (source === undefined ? plain : cel.compile(source)));
  return (evidence) =>
    parts.map((part) => (typeof part === 'object' ? String(part.evaluate(evidence)) : (part ?? ''))).join('');
}

function attempt<T>(work: () => T): { readonly value?: T; readonly problem?: string } {
  try {
    return { value: work() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'it has no value' };
  }
}
