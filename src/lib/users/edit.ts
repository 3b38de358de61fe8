import type { Clients } from '../clients/clients.ts';
import { InfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import type { UsersDocument } from './document.ts';
import type { ChangeResult } from './document-write.ts';
import { changeUsers } from './document-write.ts';
import type { Entry, User } from './entry.ts';
import { QUOTA_DEFAULTS } from './entry.ts';
import { insertMember, memberText, removeMember } from './json-text.ts';
import { sameQuantity } from './quantity.ts';
import { plain } from './quoted.ts';
import { rulesError } from './rules.ts';
import type { Violation } from './schema.ts';
import { entryJson } from './schema.ts';
import { QUOTA_KEYS } from './stored-entry.ts';

/**
 * What adding a user means for a document. `same`: an entry of that name has the same values in the fields that the
 * stacks read; keys that nobody reads do not count. `diff` lines begin with `+` or `-`.
 */
export type EditPlan = {
  readonly state: 'absent' | 'same' | 'different';
  readonly diff: readonly string[];
  /** The document after the edit; unchanged unless the state is `absent`. */
  readonly newText: string;
  /** Source text of the entry as it is, or will be, stored. */
  readonly entryText: string;
};

/** Compares a user with the document. Pure. */
export function planEdit(document: UsersDocument, user: User): EditPlan {
  const stored = document.users.get(user.name);
  const entryText = entryJson(user.entry);
  const wanted = entryLines(user.entry);
  if (stored === undefined) {
    const diff = [`+ ${plain(user.name)}  ${wanted.map(plain).join(', ')}`];
    return { state: 'absent', diff, newText: insertMember(document.text, user.name, entryText), entryText };
  }
  const unchanged = { newText: document.text, entryText: stored.rawText };
  if (stored.entry === undefined) {
    const diff = [
      `- ${plain(user.name)}  an entry that the stacks cannot read`,
      `+ ${plain(user.name)}  ${wanted.map(plain).join(', ')}`,
    ];
    return { state: 'different', diff, ...unchanged };
  }
  if (sameEntry(stored.entry, user.entry)) return { state: 'same', diff: [], ...unchanged };
  const there = entryLines(stored.entry);
  const diff = [
    ...there.filter((line) => !wanted.includes(line)).map((line) => `- ${plain(user.name)}  ${plain(line)}`),
    ...wanted.filter((line) => !there.includes(line)).map((line) => `+ ${plain(user.name)}  ${plain(line)}`),
  ];
  return { state: 'different', diff, ...unchanged };
}

/** True when the stacks would do the same with both. The first namespace counts: the dashboard shows that one. */
function sameEntry(a: Entry, b: Entry): boolean {
  const list = (items: readonly string[]): string => JSON.stringify(items);
  const [first, second] = [a, b].map((entry) => ({ ...QUOTA_DEFAULTS, ...entry.quota }));
  return (
    a.role === b.role &&
    a.email === b.email &&
    list(a.namespaces) === list(b.namespaces) &&
    list(a.domains.toSorted()) === list(b.domains.toSorted()) &&
    (a.role !== 'namespace-owner' ||
      QUOTA_KEYS.every((key) => {
        const [left = '', right = ''] = [first?.[key], second?.[key]];
        return left === right || sameQuantity(left, right);
      }))
  );
}

/** The error for a name that has another entry: `users.entry-differs`, 65. */
export function entryDiffers(user: User, plan: EditPlan): InfraError {
  return new InfraError(
    'users.entry-differs',
    'data',
    `${user.name} is there already with other values. Nothing was changed.\n${plan.diff.join('\n')}`,
    {
      hints: [
        `infra user show ${user.name}`,
        'An existing entry is not overwritten: repeat the command with its values, or choose another name.',
      ],
    },
  );
}

/** Options of `writeEntry`. */
export type WriteOptions = {
  /** Version of the document that was checked and shown; any other one is checked again before the write. */
  readonly checkedVersion: number;
  /** All rules against a newer document; what it returns stops the write. */
  readonly recheck: (document: UsersDocument) => Promise<readonly Violation[]>;
  readonly interrupt?: AbortSignal;
  readonly random?: () => number;
};

/** A change of the document, with the entry's text as stored: `removeEntry` takes back that text only. */
export type WriteResult = ChangeResult & { readonly entryText: string };

/**
 * Adds the entry by compare-and-set on the version just read, and reads back. `written` is false when the same entry
 * was there already. Errors: those of `changeUsers`, of the rules, and `users.entry-differs` (65).
 */
export async function writeEntry(
  clients: Pick<Clients, 'vault' | 'clock'>,
  site: Site,
  user: User,
  options: WriteOptions,
): Promise<WriteResult> {
  let entryText = entryJson(user.entry);
  const result = await changeUsers(clients, site, {
    ...options,
    next: async (document) => {
      const plan = planEdit(document, user);
      entryText = plan.entryText;
      if (plan.state === 'same') return undefined;
      if (plan.state === 'different') throw entryDiffers(user, plan);
      if (document.version !== options.checkedVersion) {
        const violations = await options.recheck(document);
        if (violations.length > 0) throw rulesError(user.name, violations);
      }
      return plan.newText;
    },
    holds: (document) => document.users.get(user.name)?.rawText === entryText,
  });
  return { ...result, entryText };
}

/**
 * Takes an entry back, from the latest version, only while its text is still what was written. Nothing is removed and
 * `written` is false when it is gone already. Errors: those of `changeUsers`, `users.undo-changed` (5) when somebody has
 * changed the entry since.
 */
export async function removeEntry(
  clients: Pick<Clients, 'vault' | 'clock'>,
  site: Site,
  name: string,
  writtenText: string,
  options: Pick<WriteOptions, 'interrupt' | 'random'> = {},
): Promise<ChangeResult> {
  return changeUsers(clients, site, {
    ...options,
    next: async (document) => {
      const stored = memberText(document.text, name);
      if (stored === undefined) return undefined;
      if (stored !== writtenText) {
        throw new InfraError(
          'users.undo-changed',
          'incomplete',
          `The entry of ${name} was changed by somebody else since it was written, so it is not taken back.`,
          {
            hints: [`infra user show ${name}`],
          },
        );
      }
      return removeMember(document.text, name);
    },
    holds: (document) => document.users.get(name)?.rawText !== writtenText,
  });
}

function entryLines(entry: Entry): readonly string[] {
  const { role, email, namespaces, domains, quota } = entry;
  const pairs = QUOTA_KEYS.flatMap((key) => (quota[key] === undefined ? [] : [`${key}=${quota[key]}`]));
  return [
    `role ${role}`,
    `email ${email}`,
    ...(namespaces.length > 0 ? [`namespaces [${namespaces.join(', ')}]`] : []),
    ...(domains.length > 0 ? [`domains [${domains.join(', ')}]`] : []),
    ...(pairs.length > 0 ? [`quota ${pairs.join(' ')}`] : []),
  ];
}
