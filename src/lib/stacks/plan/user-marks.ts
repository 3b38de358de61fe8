import type { User } from '../../users/entry.ts';

/** The texts that stand for one user in the platform's objects, and how to recognise them. */
export type UserMarks = {
  /** True when a whole text (a for_each key, a list member, an object's name) is the user. */
  isUser(text: string): boolean;
  /** True when a longer text names the user as a whole word. */
  mentionsUser(text: string): boolean;
};

/**
 * Marks of a user: the name, the e-mail, each namespace, each `<user>-<namespace>` pair (the key of the bindings)
 * and each domain. Without a user nothing is marked.
 */
export function userMarks(user: User | undefined): UserMarks {
  if (user === undefined) return { isUser: () => false, mentionsUser: () => false };
  const { email, namespaces, domains } = user.entry;
  const pairs = namespaces.flatMap((namespace) => [`${user.name}-${namespace}`, `${user.name}/${namespace}`]);
  const marks = [user.name, email, ...namespaces, ...pairs, ...domains].filter((mark) => mark !== '');
  const exact = new Set(marks);
  const escaped = [...exact].map((mark) => mark.replace(/[^\w]/g, '\\$&'));
  const word = new RegExp(`(?<![\\w.@-])(?:${escaped.join('|')})(?![\\w@-]|\\.\\w)`);
  return { isUser: (text) => exact.has(text), mentionsUser: (text) => word.test(text) };
}
