import { diagnosisPayload } from './diagnosis.ts';
import type { CommandDocument } from './envelope.ts';

export const diagnoseAuthentik = { command: 'diagnose authentik', payload: diagnosisPayload } satisfies CommandDocument;
