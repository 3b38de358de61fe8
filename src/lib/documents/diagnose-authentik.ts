import { type DiagnosisDocument, diagnosisPayload } from './diagnosis.ts';

/** `infra diagnose authentik --json`. */
export const diagnoseAuthentik = {
  command: 'diagnose authentik',
  payload: diagnosisPayload,
} satisfies DiagnosisDocument;
