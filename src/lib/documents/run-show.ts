import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { runSummaryDocument } from './run.ts';

/** `infra run show --json`. */
export const runShow = {
  command: 'run show',
  payload: z.object({
    run: runSummaryDocument,
    journal: z.string().describe('Path of the journal file.'),
    damaged: z.int().describe('Lines that could not be read.'),
    events: z.array(
      z.object({ at: z.iso.datetime(), event: z.string(), step: z.string().optional(), detail: z.string().optional() }),
    ),
    next: z.string().optional().describe('The command that goes on from here.'),
  }),
} satisfies CommandDocument;
