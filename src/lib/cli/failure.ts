import type { ErrorDocument } from '../documents/envelope.ts';
import { InfraError } from '../errors.ts';
import type { Host } from './host.ts';

/** The chain of an error and its causes as text, with stacks; not redacted. */
function chain(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current !== undefined && parts.length < 5; ) {
    parts.push(current instanceof Error ? (current.stack ?? String(current)) : `thrown: ${typeof current} ${current}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join('\ncaused by: ');
}

/**
 * What was thrown, as one of ours. Anything else is a defect: status 70, and the details go, redacted, to a file of
 * the state folder, since a stack trace says nothing to an operator and much to whoever mends it.
 */
export function asInfraError(error: unknown, host: Host, words: string): InfraError {
  if (error instanceof InfraError) return error;
  const details = [
    `infra ${host.version}, ${host.now().toISOString()}`,
    `command: ${words === '' ? '(none)' : words}`,
    chain(error),
  ].join('\n');
  const file = host.saveCrash(host.redactor.redact(details));
  const kind = error instanceof Error ? error.name : typeof error;
  return new InfraError('bug.unexpected', 'bug', `This is a defect of infra, not of your platform (${kind}).`, {
    hints: [
      file === undefined
        ? 'Run it again with --debug to see the details: no crash report could be written.'
        : `Details, without secrets: ${file}`,
    ],
    cause: error,
  });
}

/** The error as a document holds it: only what is named here. */
export function errorDocumentOf(error: InfraError): ErrorDocument {
  const { cause } = error;
  return {
    code: error.code,
    message: error.message,
    hints: [...error.hints],
    ...(error.violations.length > 0 ? { violations: [...error.violations] } : {}),
    ...(error.docs === undefined ? {} : { docs: error.docs }),
    ...(cause instanceof InfraError ? { cause: `${cause.code}: ${cause.message}` } : {}),
  };
}

/** For --debug: the stack of an error and of its causes. */
export function debugText(error: unknown): string {
  return chain(error);
}
