import { InfraError, isInfraError, type StatusName, worstStatus } from '../../../errors.ts';
import type { Finding, Verdict } from '../../../findings/finding.ts';

/**
 * One answer of the preflight. `blocks` is the status with which the run stops because of it, or undefined when it does
 * not stop anything. `error` keeps code and hints for the document.
 */
export type CheckAnswer = { readonly finding: Finding; readonly blocks?: StatusName; readonly error?: InfraError };

/** A PASS, or any answer that stops nothing. */
export function answer(
  id: string,
  title: string,
  verdict: Verdict,
  detail: string,
  more: Partial<Finding> = {},
): CheckAnswer {
  return { finding: { id, title, verdict, detail, ...more } };
}

/** An answer that stops the run. */
export function blocking(id: string, title: string, error: InfraError): CheckAnswer {
  const hint = error.hints[0];
  const verdict: Verdict = error.status === 'unavailable' || error.status === 'denied' ? 'UNKNOWN' : 'FAIL';
  const finding: Finding = {
    id,
    title,
    verdict,
    detail: error.message,
    ...(verdict === 'UNKNOWN' ? { reason: error.status === 'denied' ? 'forbidden' : 'unreachable' } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
  return { finding, blocks: error.status, error };
}

/**
 * Runs one check. A failure to ask is an answer of its own (UNKNOWN with the reason) that stops the run, unless
 * `mayBeUnknown`: with --no-apply nothing but Vault has to answer. A defect is thrown on.
 */
export async function ask(
  id: string,
  title: string,
  mayBeUnknown: boolean,
  question: () => Promise<CheckAnswer>,
): Promise<CheckAnswer> {
  try {
    return await question();
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    const stopped = blocking(id, title, caught);
    return mayBeUnknown && stopped.finding.verdict === 'UNKNOWN' ? { finding: stopped.finding } : stopped;
  }
}

/** The error that several answers amount to: the worst status, every message listed. Undefined when nothing stops. */
export function combined(answers: readonly CheckAnswer[]): InfraError | undefined {
  const errors = answers.map((each) => each.error).filter((error) => error !== undefined);
  const [first] = errors;
  if (first === undefined) return undefined;
  if (errors.length === 1) return first;
  const status = worstStatus(errors.map((error) => error.status));
  const lead = errors.find((error) => error.status === status) ?? first;
  const violations = errors.flatMap((error) =>
    error.violations.length > 0 ? error.violations : [{ code: error.code, message: error.message }],
  );
  return new InfraError(lead.code, status, `${violations.length} things stand in the way. Nothing was changed.`, {
    hints: [...new Set(errors.flatMap((error) => error.hints))],
    violations,
    cause: lead,
  });
}
