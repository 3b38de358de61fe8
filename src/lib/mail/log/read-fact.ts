import type { MailFact, MailLine } from './fact.ts';
import { readMailLine } from './mail-line.ts';
import { readDovecot, readHaproxy, readRspamd } from './mail-servers.ts';
import { readPostfix } from './postfix.ts';

const READERS: Readonly<Record<MailLine['component'], (line: MailLine) => MailFact | undefined>> = {
  postfix: readPostfix,
  dovecot: readDovecot,
  rspamd: readRspamd,
  haproxy: readHaproxy,
};

/** One line and what it says of a mail, a connection or a delivery. */
export type ReadFact = { readonly line: MailLine; readonly fact: MailFact };

/**
 * Reads one line of a mail log; undefined when it is about no mail. `nowMs` only tells which year a line without one belongs
 * to. Never throws, and its time grows with the length of the line only.
 */
export function readFact(raw: string, nowMs: number): ReadFact | undefined {
  const line = readMailLine(raw, nowMs);
  if (line === undefined) return undefined;
  const fact = READERS[line.component](line);
  return fact === undefined ? undefined : { line, fact };
}
