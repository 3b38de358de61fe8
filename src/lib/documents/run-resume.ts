import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { userAdd } from './user-add.ts';

/** `infra run resume --json`: the document of the operation that went on, and the run it went on from. */
export const runResume = {
  command: 'run resume',
  payload: z.object({ resumed: z.string(), ...userAdd.payload.shape }),
} satisfies CommandDocument;
