import { resolve } from 'node:path';
import type { Change } from '../diagnosis/changes.ts';
import { type Diagnosis, statusOfDiagnosis } from '../diagnosis/diagnosis.ts';
import type { OnDefect } from '../diagnosis/judge.ts';
import type { Runbook } from '../diagnosis/runbook.ts';
import type { DiagnosisDocument } from '../documents/diagnosis.ts';
import type { PayloadOf } from '../documents/envelope.ts';
import { EXIT, type InfraError, isInfraError } from '../errors.ts';
import { makeStyle } from '../render/style.ts';
import type { Context } from './context.ts';
import type { DiagnoseFlags, Look } from './diagnose-flags.ts';
import { payloadOf, shownText } from './diagnose-payload.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import { documentText, type Outcome } from './report.ts';

/** The run of a diagnosis, as all of its parts share it. */
export type DiagnoseParts = {
  readonly host: Host;
  readonly output: Output;
  readonly context: Context;
  readonly onDefect: OnDefect;
  readonly startedAt: Date;
  readonly startedMs: number;
};

/** What was wanted. `given` are the names of flags that were typed. */
export type Asked = {
  readonly runbook: Runbook;
  readonly flags: DiagnoseFlags;
  readonly given: readonly string[];
  readonly look: Look;
  readonly selected: readonly string[];
};

/** What came out. `isStreamed`: the first finding has been printed. `error`: what ended it, or could not be kept. */
export type Said = {
  readonly diagnosis: Diagnosis;
  readonly isStreamed: boolean;
  readonly changes?: readonly Change[];
  readonly error?: InfraError;
};

type Ended = Outcome<PayloadOf<DiagnosisDocument>>;

/** The outcome of a diagnosis; with `--output` the answer goes into the file, and JSON to stdout as well. */
export async function endedOf(
  parts: DiagnoseParts,
  document: DiagnosisDocument,
  asked: Asked,
  said: Said,
): Promise<Ended> {
  const { flags, given, look, runbook } = asked;
  const { diagnosis, changes, error } = said;
  const text = (style: Parameters<typeof shownText>[0]): string =>
    shownText(style, runbook, diagnosis, {
      ...{ look, verbose: flags.verbose, isStreamed: said.isStreamed, changes },
      junitFailOn: given.includes('fail-on') ? flags['fail-on'] : 'fail',
    });
  const payload = payloadOf(diagnosis, changes);
  const status = statusOfDiagnosis(diagnosis, flags['fail-on']);
  const ended: Ended = error === undefined ? { status, payload, text } : { payload, text, error };
  if (flags.output === undefined) return ended;
  const reached = error?.status ?? status;
  const path = resolve(parts.host.cwd, flags.output);
  const plain = makeStyle({ colorLevel: 0, unicode: true, width: 100 });
  try {
    const written = look === 'json' ? documentText(parts, document, ended, reached) : text(plain);
    const { files } = await parts.context.clients('files');
    await files.writeAtomic(path, `${parts.host.redactor.redact(written)}\n`, 0o600);
  } catch (failure) {
    // The answer must not be lost with the file: it goes to stdout after all.
    if (!isInfraError(failure)) throw failure;
    return { payload, text, error: error ?? failure };
  }
  parts.output.progress(`${diagnosis.verdict}, status ${EXIT[reached].code}: ${path}`);
  return error === undefined ? { status, payload, text: () => '' } : { payload, error };
}
