import type { Capability, Rule } from './policy.ts';
import type { Token, VaultState } from './state.ts';

/**
 * Capabilities on a path, as Vault's ACL decides: the most specific matching rule wins, rules of the same path in
 * several policies add up, and `deny` among them removes everything. Root has `['root']`, nothing is `['deny']`.
 */
export function capabilitiesOf(state: VaultState, token: Token, path: string): readonly (Capability | 'root')[] {
  const names = policiesOf(state, token);
  if (names.includes('root')) return ['root'];
  const rules = names.flatMap((name) => state.policies.get(name)?.rules ?? []);
  const best = mostSpecific(rules, path);
  if (best === undefined) return ['deny'];
  const granted = new Set(rules.filter((rule) => rule.path === best.path).flatMap((rule) => rule.capabilities));
  if (granted.has('deny') || granted.size === 0) return ['deny'];
  return [...granted].sort();
}

/** True when one of the token's policies grants `capability` on `path`. */
export function isAllowed(state: VaultState, token: Token, capability: Capability, path: string): boolean {
  const granted = capabilitiesOf(state, token, path);
  if (granted.includes('root') || granted.includes(capability)) return true;
  if (capability !== 'list' || path.endsWith('/')) return false;
  return capabilitiesOf(state, token, `${path}/`).includes('list');
}

/** Names of all policies in force: the token's own, those of its entity and of the entity's groups. */
function policiesOf(state: VaultState, token: Token): readonly string[] {
  return [...new Set([...token.policies, ...identityPoliciesOf(state, token)])].sort();
}

/** Policies that come from the token's entity and its groups. */
export function identityPoliciesOf(state: VaultState, token: Token): readonly string[] {
  const entity = state.entities.get(token.entityId);
  if (entity === undefined || entity.disabled) return [];
  const groups = [...state.groups.values()].filter((group) => group.memberEntityIds.includes(entity.id));
  return [...entity.policies, ...groups.flatMap((group) => group.policies)];
}

function mostSpecific(rules: readonly Rule[], path: string): Rule | undefined {
  return rules.filter((rule) => matches(rule.path, path)).sort(bySpecificity)[0];
}

function matches(rule: string, path: string): boolean {
  const prefix = rule.endsWith('*');
  const pattern = (prefix ? rule.slice(0, -1) : rule).split('/');
  const segments = path.split('/');
  if (prefix ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  return pattern.every((wanted, at) => {
    const found = segments[at] ?? '';
    if (wanted === '+') return found !== '';
    return prefix && at === pattern.length - 1 ? found.startsWith(wanted) : found === wanted;
  });
}

/** Vault's order of priority: later first wildcard, no trailing glob, fewer `+`, longer path, then the later one. */
function bySpecificity(a: Rule, b: Rule): number {
  const wild = (rule: Rule) => {
    const at = rule.path.search(/\+|\*$/);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  };
  const pluses = (rule: Rule) => rule.path.split('/').filter((segment) => segment === '+').length;
  if (wild(a) !== wild(b)) return wild(b) > wild(a) ? 1 : -1;
  const globs = Number(a.path.endsWith('*')) - Number(b.path.endsWith('*'));
  if (globs !== 0) return globs;
  return pluses(a) - pluses(b) || b.path.length - a.path.length || (a.path < b.path ? 1 : -1);
}
