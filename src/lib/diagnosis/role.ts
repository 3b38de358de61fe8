import type { AccessQuestion } from '../clients/kubernetes/client.ts';
import type { Site } from '../site/site.ts';
import type { Runbook } from './runbook.ts';
import { type Choice, wantedOf } from './wanted.ts';

/** One rule of a role. */
export type Rule = {
  readonly group: string;
  readonly resource: string;
  readonly names: readonly string[];
  readonly verbs: readonly string[];
};

/** What is needed in one namespace; `namespace` undefined: in the whole cluster. */
export type RoleNeed = { readonly namespace: string | undefined; readonly rules: readonly Rule[] };

/**
 * The smallest roles that let these probes, and those they stand on, ask everything, the cluster's first, then by
 * namespace.
 */
export function rolesOf(
  runbook: Runbook,
  site: Site,
  { noExec = false, ...choice }: Choice & { readonly noExec?: boolean },
): readonly RoleNeed[] {
  const { ids } = wantedOf(runbook, choice);
  const questions = runbook.probes
    .filter(({ id, kind }) => ids.has(id) && !(noExec && kind === 'exec'))
    .flatMap((probe) => [...(probe.needs?.(site) ?? []), ...(probe.wishes?.(site) ?? [])]);
  // The cluster stands first under the empty name: sort() would put undefined last.
  const namespaces = [...new Set(questions.map(({ namespace }) => namespace ?? ''))].sort();
  return namespaces.map((name) => ({
    namespace: name === '' ? undefined : name,
    rules: rulesOf(questions.filter(({ namespace }) => (namespace ?? '') === name)),
  }));
}

function rulesOf(questions: readonly AccessQuestion[]): readonly Rule[] {
  const rules = new Map<string, { group: string; resource: string; names: string[]; verbs: Set<string> }>();
  for (const { group, resource, subresource, name, verb } of questions) {
    const full = subresource === undefined ? resource : `${resource}/${subresource}`;
    const key = [group, full, name ?? ''].join(' ');
    const rule = rules.get(key) ?? { group, resource: full, names: name === undefined ? [] : [name], verbs: new Set() };
    rule.verbs.add(verb);
    rules.set(key, rule);
  }
  return [...rules.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([, { verbs, ...rule }]) => ({ ...rule, verbs: [...verbs].sort() }));
}
