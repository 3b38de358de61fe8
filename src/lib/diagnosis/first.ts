import type { Diagnosis, DiagnosisFinding } from './diagnosis.ts';
import type { Judged, Runbook } from './runbook.ts';

/** The first finding with the headline of the cause that it saw. */
export type First = Pick<DiagnosisFinding, 'verdict' | 'title' | 'detail' | 'durationMs'> & {
  readonly headline?: string;
};

const headline = (runbook: Runbook, code: string | undefined): { readonly headline?: string } => {
  const cause = runbook.causes.find((one) => one.code === code);
  return cause === undefined ? {} : { headline: cause.title };
};

/** The first finding as soon as it is judged. */
export function firstOfJudged(runbook: Runbook, { probe, judgement }: Judged, durationMs: number): First {
  const { verdict, detail, causes } = judgement;
  return { verdict, title: probe.title, detail, durationMs, ...headline(runbook, causes?.[0]?.code) };
}

/** The same finding of a whole diagnosis, or undefined when nothing was wanted. */
export function firstOfDiagnosis(runbook: Runbook, { findings }: Diagnosis): First | undefined {
  const found = findings.find(({ reason }) => reason !== 'not-selected');
  if (found === undefined) return undefined;
  const { verdict, title, detail, durationMs, causes } = found;
  return { verdict, title, detail, durationMs, ...headline(runbook, causes[0]?.code) };
}
