import type { Runbook } from '../diagnosis/runbook.ts';

/** Every built-in subject and how its runbook is loaded: a command loads the one that it needs. A new subject is one line. */
const LOADERS: Readonly<Record<string, () => Promise<Runbook>>> = {
  authentik: async () => (await import('./authentik/runbook.ts')).authentik,
  mail: async () => (await import('./mail/runbook.ts')).mail,
};

/** The subjects of `infra diagnose SUBJECT`, in the order of lists. */
export const SUBJECTS: readonly string[] = Object.keys(LOADERS);

/** The runbook of a subject; undefined when there is none of that name. */
export async function loadRunbook(subject: string): Promise<Runbook | undefined> {
  return await (Object.hasOwn(LOADERS, subject) ? LOADERS[subject]?.() : undefined);
}
