import { redactLine } from '../../diagnosis/logs/redact-line.ts';

/** What the monitor's Job told of its mail. Plain JSON, redacted. */
export type MonitorLog = {
  /** The sender's API took the mail. */
  readonly isSent: boolean;
  /** Undefined: it says neither. */
  readonly cameBack: boolean | undefined;
  /** Seconds from sending to finding it in the mailbox. */
  readonly seconds?: number;
  /** The sender's API refused: its HTTP status where it is told. */
  readonly apiError?: { readonly status?: number; readonly line: string };
  /** Attempts to look into the mailbox that failed, and the last of their lines. */
  readonly mailbox: { readonly failed: number; readonly line?: string };
  /** The address had been on the sender's block list because of an earlier bounce. */
  readonly wasBlocked: boolean;
  /** Lines read, and the last of them. */
  readonly count: number;
  readonly lines: readonly string[];
};

/** How many lines are kept. */
const KEPT = 40;

/** The words of the monitor `email-roundtrip-monitor`, and what others of its kind write. */
const SENT = /\bsent\b.{0,80}\b(?:marker|mail|message|probe)\b|\b(?:mail|message|probe|marker)\b.{0,80}\bsent\b/i;
const SUCCESS = /round-?trip (?:success|ok|succeeded)\b/i;
const FOUND = /\b(?:found|received)\b.{0,60}\b(?:marker|probe|mail|message)\b/i;
const SECONDS = /\bin (\d{1,6}(?:\.\d{1,3})?) ?s\b/i;
/** `no marker found`, `received 0 mails`: what was not found was not found. */
const NONE = /\b(?:no|not|never|none|nothing|without|yet|0|zero)\b|n[’']t\b/i;
const LOST = /round-?trip fail(?:ed|ure)|not (?:found|received)\b.{0,80}\b(?:marker|probe|mail|message)\b/i;
const API = /^(?:\S{1,40} )?\[?error\b|\bapi\b.{0,60}\b(?:error|failed|refused|returned)\b/i;
const STATUS = /\b(?:http(?: status| error)?|status|code|error|returned)[ :=]{1,3}([45]\d\d)\b/i;
const MAILBOX = /\bimap\b.{0,60}\b(?:failed|error|refused|timed out)\b/i;
const UNBLOCKED = /was blocked\b|\bunblocked\b/i;

/** Reads the log of a monitor's Job. Never throws. */
export function readMonitorLog(lines: readonly string[]): MonitorLog {
  const shown = lines.map((line) => redactLine(line, 300));
  const failedAttempts = shown.filter((line) => MAILBOX.test(line));
  const came = shown.findLast(
    (line) => SUCCESS.test(line) || (FOUND.test(line) && !NONE.test(line) && !LOST.test(line)),
  );
  const lost = shown.findLast((line) => LOST.test(line));
  const sent = shown.some((line) => SENT.test(line) && !API.test(line));
  const refused = shown.findLast((line) => API.test(line) && !MAILBOX.test(line) && !LOST.test(line));
  const seconds = SECONDS.exec(came ?? '')?.[1];
  const status = STATUS.exec(refused ?? '')?.[1];
  const lastAttempt = failedAttempts.at(-1);
  return {
    isSent: sent || came !== undefined,
    cameBack: came !== undefined ? true : lost !== undefined ? false : undefined,
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
    ...(refused === undefined || came !== undefined
      ? {}
      : { apiError: { ...(status === undefined ? {} : { status: Number(status) }), line: refused } }),
    mailbox: { failed: failedAttempts.length, ...(lastAttempt === undefined ? {} : { line: lastAttempt }) },
    wasBlocked: shown.some((line) => UNBLOCKED.test(line)),
    count: lines.length,
    lines: shown.slice(-KEPT),
  };
}
