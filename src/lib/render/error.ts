import type { InfraError } from '../errors.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

/**
 * An error as a person reads it: `error code: message`, each violation, then what to do next, indented by two.
 * The cause is left to `--debug` and the document: the message already says what came back.
 */
export function renderError(error: InfraError, style: Style): string {
  const head = `${style.red('error')} ${style.bold(`${error.code}:`)} ${lines(error.message)}`;
  const violations = error.violations.map(
    (violation) => `- ${lines(violation.message)} ${style.dim(`(${violation.code})`)}`,
  );
  const docs = error.docs === undefined ? [] : [`See ${error.docs}`];
  const below = [...violations, ...error.hints.map(lines), ...docs].map((line) =>
    wrap(line, style.width, '  ', '    '),
  );
  return [wrap(head, style.width, '', '  '), ...below].join('\n');
}

/** A message may have lines, and may quote what somebody typed or what a server said. */
function lines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
