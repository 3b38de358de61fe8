import { diagnosisPayload } from './diagnosis.ts';
import type { CommandDocument } from './envelope.ts';

export const diagnoseMail = { command: 'diagnose mail', payload: diagnosisPayload } satisfies CommandDocument;
