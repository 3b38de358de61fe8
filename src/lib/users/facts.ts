import type { InfraError } from '../errors.ts';
import { isInfraError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { AuthentikUser } from './authentik.ts';
import type { UsersDocument } from './document.ts';
import type { StoredUser } from './stored-entry.ts';

/**
 * What a source said. `unknown` is never read as "nothing there": `reason` is `forbidden` or `unreachable`, and the
 * error keeps its code. `not-configured` costs nothing.
 */
export type Answer<T> =
  | { readonly state: 'answered'; readonly value: T }
  | { readonly state: 'unknown'; readonly reason: 'forbidden' | 'unreachable'; readonly error: InfraError }
  | { readonly state: 'not-configured'; readonly detail: string };

/** Names in Vault that a user's objects could collide with. */
export type VaultNames = {
  readonly policies: readonly string[];
  readonly entities: readonly string[];
  readonly groups: readonly string[];
};

/** Everything that the rules ask about, gathered once. */
export type RuleFacts = {
  /** The users of one version of the document. */
  readonly users: ReadonlyMap<string, StoredUser>;
  /** First path segments below the KV mount, e.g. `platform`, `authentik`. */
  readonly roots: Answer<readonly string[]>;
  readonly vaultNames: Answer<VaultNames>;
  /** Names of the transit keys. */
  readonly transitKeys: Answer<readonly string[]>;
  /** Names of the namespaces in the cluster. */
  readonly namespaces: Answer<readonly string[]>;
  readonly stacks: Answer<readonly string[]>;
  /** Namespaces that a stack's code declares: namespace → stack. */
  readonly declaredNamespaces: Answer<ReadonlyMap<string, string>>;
  /** Labels that `config.tfvars` gives to the platform's own records. */
  readonly proxiedNames: Answer<readonly string[]>;
  /** The Authentik account whose e-mail is the user's in any case; undefined when there is none. */
  readonly authentik: Answer<AuthentikUser | undefined>;
};

/** The same facts with the users of another version: for the check after a lost compare-and-set. */
export function withUsers(facts: RuleFacts, document: UsersDocument): RuleFacts {
  return { ...facts, users: document.users };
}

/** Asks one source; an InfraError becomes an answer, a defect is thrown on. */
export async function askSource<T>(question: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { state: 'answered', value: await question() };
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    return { state: 'unknown', reason: caught.status === 'denied' ? 'forbidden' : 'unreachable', error: caught };
  }
}

const ASKED: readonly (readonly [key: Exclude<keyof RuleFacts, 'users'>, title: string, what: string])[] = [
  ['roots', 'KV roots', 'whether the name is already a secret'],
  ['vaultNames', 'Vault names', 'whether policies, entities and groups of the name are free'],
  ['transitKeys', 'transit keys', 'whether the namespace would share an encryption key'],
  ['namespaces', 'namespaces', 'whether the namespaces are free in the cluster'],
  ['stacks', 'stacks', 'whether a stack has the name'],
  ['declaredNamespaces', 'declared namespaces', 'whether another stack declares the namespaces'],
  ['proxiedNames', 'proxied names', 'whether config.tfvars has the domains'],
  ['authentik', 'Authentik account', 'whether Authentik has the same e-mail'],
];

/** One finding for each source that could not be asked: what was therefore not checked. */
export function unaskedFacts(facts: RuleFacts): readonly Finding[] {
  return ASKED.flatMap(([key, title, what]): Finding[] => {
    const answer = facts[key];
    const id = `users.facts.${key}`;
    if (answer.state === 'answered') return [];
    if (answer.state === 'not-configured') {
      return [
        { id, title, verdict: 'SKIP', reason: 'not-configured', detail: `not checked ${what}: ${answer.detail}` },
      ];
    }
    return [
      { id, title, verdict: 'UNKNOWN', reason: answer.reason, detail: `not checked ${what}: ${answer.error.message}` },
    ];
  });
}
