/** The levels that every writer's words are brought to, least severe first. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** A level. */
export type Level = (typeof LEVELS)[number];

const WORDS: Readonly<Record<string, Level>> = {
  trace: 'trace',
  trc: 'trace',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  information: 'info',
  inf: 'info',
  notice: 'info',
  log: 'info',
  stdout: 'info',
  warn: 'warn',
  warning: 'warn',
  wrn: 'warn',
  error: 'error',
  err: 'error',
  alert: 'error',
  stderr: 'info',
  critical: 'fatal',
  crit: 'fatal',
  fatal: 'fatal',
  ftl: 'fatal',
  panic: 'fatal',
  pnc: 'fatal',
  emerg: 'fatal',
};

/** The level of a word, or undefined when it is none: `warning`, `WRN`, `LOG`, `debug2`. */
export function levelOfWord(word: string): Level | undefined {
  return WORDS[word.trim().toLowerCase().replace(/\d$/, '')];
}

const IN_TEXT: readonly RegExp[] = [
  /\[\s*(trace|debug|info|notice|warn|warning|error|alert|crit|critical|fatal|emerg)\s*\]/i,
  /\blevel="?([a-z]+)/i,
  // Traefik and whatever else writes with zerolog.
  /(?:^|\s)(TRC|DBG|INF|WRN|ERR|FTL|PNC)\s/,
  // PostgreSQL, pgbouncer, Terragrunt.
  /(?:^|\s)(DEBUG\d?|LOG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|PANIC)(?::|\s)/,
  // Postfix, Dovecot: inside the text.
  /(?:^|: |\| )(warning|error|fatal|panic): /i,
];
const KLOG: Readonly<Record<string, Level>> = { I: 'info', W: 'warn', E: 'error', F: 'fatal' };

/** The level that a line of text names, or undefined when it names none. */
export function levelInText(text: string): Level | undefined {
  const klog = /^([IWEF])\d{4} \d\d:\d\d:\d\d/.exec(text)?.[1];
  if (klog !== undefined) return KLOG[klog];
  const head = text.slice(0, 200);
  for (const pattern of IN_TEXT) {
    const word = pattern.exec(head)?.[1];
    if (word !== undefined) return levelOfWord(word);
  }
  if (/^panic: |^fatal error: /.test(head)) return 'fatal';
  return /^(?:Error:|Traceback |[\w.]*(?:Error|Exception)(?::|$))/.test(head) ? 'error' : undefined;
}
