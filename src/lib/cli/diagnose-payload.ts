import type { Change } from '../diagnosis/changes.ts';
import type { Diagnosis, FailOn } from '../diagnosis/diagnosis.ts';
import { firstOfDiagnosis } from '../diagnosis/first.ts';
import type { Runbook } from '../diagnosis/runbook.ts';
import type { DiagnosisDocument } from '../documents/diagnosis.ts';
import type { PayloadOf } from '../documents/envelope.ts';
import { alertRulesYaml } from '../render/alert-rules.ts';
import { diagnosisText } from '../render/diagnosis.ts';
import { diagnosisReport } from '../render/diagnosis-report.ts';
import { shortText } from '../render/diagnosis-short.ts';
import { junitXml } from '../render/junit.ts';
import type { Style } from '../render/style.ts';
import type { Look } from './diagnose-flags.ts';

type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** The diagnosis as the document prints it; the document cuts away what it does not name. */
export function payloadOf(diagnosis: Diagnosis, changes: readonly Change[] | undefined): PayloadOf<DiagnosisDocument> {
  const whole = { ...diagnosis, ...(changes === undefined ? {} : { changes }) };
  return whole as Mutable<typeof whole>;
}

const changeWords = ({ id, before = 'nothing', after = 'nothing' }: Change): string => `${id}: ${before}, now ${after}`;

/** How to show a diagnosis. */
export type Showing = {
  readonly look: Look;
  readonly verbose: boolean;
  readonly isStreamed: boolean;
  /** In JUnit a warning passes unless `--fail-on warn` was typed. */
  readonly junitFailOn: FailOn;
  /** Undefined without --changes. */
  readonly changes: readonly Change[] | undefined;
};

/** The diagnosis in the wanted form. JSON is printed by the base class from the payload. */
export function shownText(style: Style, runbook: Runbook, diagnosis: Diagnosis, showing: Showing): string {
  const { look, verbose, isStreamed, changes } = showing;
  if (look === 'junit') return junitXml(diagnosis, showing.junitFailOn);
  if (look === 'md') return diagnosisReport(diagnosis);
  if (look === 'short') return shortText(diagnosis);
  if (look === 'alert-rules') return alertRulesYaml(diagnosis.subject, diagnosis.alertRules);
  return diagnosisText(style, diagnosis, {
    ...{ verbose, isStreamed, first: firstOfDiagnosis(runbook, diagnosis) },
    ...(changes === undefined ? {} : { changes: changes.map(changeWords) }),
  });
}
