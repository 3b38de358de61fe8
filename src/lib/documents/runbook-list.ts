import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** `infra runbook list --json`. */
export const runbookList = {
  command: 'runbook list',
  payload: z.object({
    runbooks: z.array(
      z.object({ subject: z.string(), title: z.string(), source: z.string(), probes: z.int(), causes: z.int() }),
    ),
  }),
} satisfies CommandDocument;
