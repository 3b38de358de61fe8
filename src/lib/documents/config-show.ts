import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** `infra config show --json`. */
export const configShow = {
  command: 'config show',
  payload: z.object({
    root: z.string(),
    file: z.string().optional().describe('Path of infra.yaml; absent when there is none.'),
    settings: z.array(
      z.object({
        key: z.string(),
        value: z
          .union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))])
          .optional()
          .describe('Absent: not set.'),
        source: z.string().describe('infra.yaml:LINE, another file and line, an environment variable, or default.'),
      }),
    ),
    untrusted: z.array(z.string()).describe('Settings that get no credential before infra config trust.'),
  }),
} satisfies CommandDocument;
