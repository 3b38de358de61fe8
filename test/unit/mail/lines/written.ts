import type { MailFact } from '../../../../src/lib/mail/log/fact.ts';

/** A line, and what it says; `undefined`: nothing about a mail or a connection. */
export type Written = { readonly line: string; readonly fact: Partial<MailFact> | undefined };

/** How the same text reaches us: by syslog, rsyslog, the container runtime, kubectl. */
const STAMPS: readonly ((program: string) => string)[] = [
  (program) => `Nov 20 10:15:42 mail ${program}: `,
  (program) => `2026-11-20T10:15:42.123456+00:00 mail ${program}: `,
  (program) => `2026-11-20T10:15:42.912776319Z Nov 20 10:15:42 mail ${program}: `,
  (program) => `2026-11-20T10:15:43.000000001Z 2026-11-20T10:15:42.500000+00:00 mail ${program}: `,
  (program) => `[pod/mailserver-0/docker-mailserver] 2026-11-20T10:15:42.1Z mail ${program}: `,
  (program) => `2026-11-20T10:15:42.912776319Z stdout F Nov 20 10:15:42 mail ${program}: `,
];

/** Each text with each stamp in turn, so that every text meets every stamp somewhere. */
export function stamped(
  program: string,
  texts: readonly (readonly [text: string, fact: Partial<MailFact> | undefined])[],
): readonly Written[] {
  return texts.flatMap(([text, fact], at) =>
    [0, 1, 2].map((step) => {
      const stamp = STAMPS[(at + step * 2) % STAMPS.length] ?? STAMPS[0];
      return { line: `${stamp?.(program) ?? ''}${text}`, fact };
    }),
  );
}
