import type { Prompt } from '../../clients/prompt/client.ts';
import type { User } from '../entry.ts';
import { ROLES } from '../entry.ts';
import { formViolations, rulesError } from '../rules.ts';
import type { EntryInput, ParsedUser } from '../schema.ts';
import { userFromFlags } from '../schema.ts';

/**
 * Asks on a terminal for what was not given; elsewhere what is missing is named by the error of `needUser`.
 * The role is asked only together with something else: alone it has a default.
 */
export async function askMissing(prompt: Prompt, input: EntryInput): Promise<EntryInput> {
  const parsed = userFromFlags(input);
  if (parsed.ok || parsed.missing.length === 0 || !prompt.available) return input;
  const role =
    input.role ??
    (await prompt.select(
      `Role of ${input.name}`,
      ROLES.map((name) => ({ value: name, name })),
    ));
  const email =
    input.email ??
    (await prompt.input('E-mail, as Authentik knows it', (answer) => {
      const tried = userFromFlags({ ...input, role, email: answer });
      return tried.ok ? undefined : tried.violations.find(({ code }) => code.startsWith('users.email'))?.message;
    }));
  return { ...input, role, email };
}

/** The user, or the one error that lists everything that is wrong or missing: `users.missing` (64), `users.*` (65). */
export function needUser(parsed: ParsedUser, name: string): User {
  if (!parsed.ok) throw rulesError(name, formViolations(parsed));
  return parsed.user;
}
