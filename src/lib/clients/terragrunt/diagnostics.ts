import type { Finished } from '../process/client.ts';
import type { Diagnostic } from './client.ts';
import { parseDiagnostics } from './json-lines.ts';

/** terragrunt's own log lines: `12:00:00.000 ERROR  [unit] text`. */
const LOG_LINE = /^\d{2}:\d{2}:\d{2}\.\d{3} ([A-Z]+) +(?:\[[^\]]*\] )?(.*)$/;
const LEVELS_OF_ERRORS = ['ERROR', 'STDERR'];

/** What terragrunt itself said went wrong: its error lines with what follows each of them up to the next line. */
function terragruntErrors(stderr: string): string {
  const kept: string[] = [];
  let inError = true; // Lines before any log line are a shell's or a crash's.
  for (const line of stderr.split('\n')) {
    const [, level, said] = LOG_LINE.exec(line) ?? [];
    if (level !== undefined) inError = LEVELS_OF_ERRORS.includes(level);
    if (inError) kept.push(said ?? line);
  }
  return kept.join('\n').trim();
}

/** The diagnostics of a failed run: those of the tool, or else terragrunt's own error as one. */
export function failureOf(ran: Finished): readonly Diagnostic[] {
  const diagnostics = parseDiagnostics(ran.stdout);
  if (diagnostics.some(({ severity }) => severity === 'error')) return diagnostics;
  const said = terragruntErrors(ran.stderr);
  const [summary = '', ...rest] = said === '' ? [endOf(ran)] : said.split('\n');
  return [...diagnostics, { severity: 'error', summary, detail: rest.join('\n').trim() }];
}

function endOf(ran: Finished): string {
  if (ran.signal !== undefined) return `terragrunt was ended by ${ran.signal}`;
  return `terragrunt ended with ${ran.exitCode} and gave no reason`;
}

/** Error diagnostics as tofu would print them for people. May hold secrets: redact before printing. */
export function asText(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ summary, detail, address }) => {
      const where = address === undefined ? '' : `\n  with ${address}`;
      return `Error: ${summary}${where}${detail === '' ? '' : `\n\n${detail}`}`;
    })
    .join('\n\n');
}
