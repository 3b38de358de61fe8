import type { User } from '../entry.ts';
import type { RuleFacts } from '../facts.ts';
import type { Violation } from '../schema.ts';
import type { StoredUser } from '../stored-entry.ts';

/** One rule: pure, and silent where a source was not answered (that is reported by `unaskedFacts`). */
export type Rule = { readonly id: string; readonly check: (user: User, facts: RuleFacts) => readonly Violation[] };

/** DNS label of RFC 1123: what a Kubernetes namespace may be called. */
export const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** Longest DNS label. */
export const LONGEST_LABEL = 63;

/** Names the first letter that only looks as if it belonged there, such as a Cyrillic а; empty when there is none. */
export function strangers(word: string): string {
  const code = [...word].map((char) => char.codePointAt(0) ?? 0).find((point) => point > 0x7f);
  return code === undefined ? '' : `; U+${code.toString(16).toUpperCase().padStart(4, '0')} is none of them`;
}

/** Everybody in the document but the user. */
export function others(user: User, facts: RuleFacts): readonly StoredUser[] {
  return [...facts.users.values()].filter((other) => other.name !== user.name);
}

/** True when the document has an entry of this name: its objects are then its own, so that a second run passes. */
export function isStored(user: User, facts: RuleFacts): boolean {
  return facts.users.has(user.name);
}

/**
 * True when the entry is stored and the vault stack has been applied for it. Before that, a secret of the same name
 * cannot be the user's own: nobody could have written it.
 */
export function isEstablished(user: User, facts: RuleFacts): boolean {
  const stored = facts.users.get(user.name);
  if (stored === undefined) return false;
  if (stored.claims.role !== 'namespace-owner' || facts.vaultNames.state !== 'answered') return true;
  const { policies, groups } = facts.vaultNames.value;
  return (
    policies.includes(`namespace-owner-${user.name}`) ||
    policies.includes(`sops-user-${user.name}`) ||
    groups.includes(`sops-${user.name}`)
  );
}
