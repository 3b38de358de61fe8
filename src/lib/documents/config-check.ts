import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** `infra config check --json`. What is invalid stands in `error.violations`. */
export const configCheck = {
  command: 'config check',
  payload: z.object({
    file: z.string().optional().describe('Path of infra.yaml; absent when there is none.'),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
} satisfies CommandDocument;
