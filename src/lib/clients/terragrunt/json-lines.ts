import type { Diagnostic } from './client.ts';
import { meaningOf } from './meaning.ts';

/** One message of the machine-readable UI of tofu and terraform (`-json`). */
type Message = { readonly type: string; readonly [key: string]: unknown };

type Fields = { readonly [key: string]: unknown };

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * A line as a message, or undefined when it is something else. terragrunt can put a prefix of its own before a line
 * (`12:00:00.000 STDOUT tofu: {…}`), and hooks can print anything.
 */
function parseMessage(line: string): Message | undefined {
  const start = line.indexOf('{');
  if (start === -1) return undefined;
  try {
    const value = fields(JSON.parse(line.slice(start)));
    return typeof value.type === 'string' ? { ...value, type: value.type } : undefined;
  } catch {
    return undefined; // Not JSON: one of the lines that are not for us.
  }
}

/** The diagnostic that a message carries. */
function diagnosticOf(message: Message): Diagnostic | undefined {
  const diagnostic = fields(message.diagnostic);
  if (message.type !== 'diagnostic') return undefined;
  const address = textOf(diagnostic.address);
  const said: Diagnostic = {
    severity: diagnostic.severity === 'warning' ? 'warning' : 'error',
    summary: textOf(diagnostic.summary),
    detail: textOf(diagnostic.detail),
    ...(address === '' ? {} : { address }),
  };
  const means = meaningOf(said);
  return means === undefined ? said : { ...said, means };
}

/** Every diagnostic in the output of one run, in order. */
export function parseDiagnostics(stdout: string): readonly Diagnostic[] {
  return stdout.split('\n').flatMap((line) => {
    const message = parseMessage(line);
    return (message && diagnosticOf(message)) ?? [];
  });
}

/** What an apply tells about one resource: it starts, or it is done (well or not). */
export function parseProgress(line: string): { readonly address: string; readonly done: boolean } | undefined {
  const message = parseMessage(line);
  if (message === undefined) return undefined;
  const done = message.type === 'apply_complete' || message.type === 'apply_errored';
  if (!done && message.type !== 'apply_start') return undefined;
  const address = textOf(fields(fields(message.hook).resource).addr);
  return address === '' ? undefined : { address, done };
}

/** Which tool wrote this output: its first message says so (`"tofu":"1.12.6"` or `"terraform":"1.11.4"`). */
export function parseTool(stdout: string): 'tofu' | 'terraform' | undefined {
  for (const line of stdout.split('\n')) {
    const message = parseMessage(line);
    if (message?.type !== 'version') continue;
    if (typeof message.tofu === 'string') return 'tofu';
    if (typeof message.terraform === 'string') return 'terraform';
  }
  return undefined;
}
