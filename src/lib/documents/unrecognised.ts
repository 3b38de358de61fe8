import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** The document of what never reached a command: an unknown command, a bare topic, a defect before a command ran. */
export const unrecognised = { command: '', payload: z.object({}) } satisfies CommandDocument;
