import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** `infra config schema --json`. */
export const configSchema = {
  command: 'config schema',
  payload: z.object({ schema: z.record(z.string(), z.json()).describe('The JSON Schema of infra.yaml.') }),
} satisfies CommandDocument;
