import { type DiagnosisDocument, diagnosisPayload } from './diagnosis.ts';

/** `infra diagnose site SUBJECT --json`. */
export const diagnoseSite = {
  command: 'diagnose site',
  payload: diagnosisPayload,
} satisfies DiagnosisDocument;
