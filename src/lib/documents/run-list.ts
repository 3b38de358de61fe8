import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { runSummaryDocument } from './run.ts';

/** `infra run list --json`. */
export const runList = {
  command: 'run list',
  payload: z.object({ runs: z.array(runSummaryDocument) }),
} satisfies CommandDocument;
