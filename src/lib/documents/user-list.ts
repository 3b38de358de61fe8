import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { storedUserDocument } from './user-entry.ts';

/** `infra user list --json`. */
export const userList = {
  command: 'user list',
  payload: z.object({
    version: z.int().describe('Version of the secret that was read.'),
    users: z.array(
      z.object({
        ...storedUserDocument.shape,
        drift: z
          .enum(['none', 'drift', 'unknown', 'not-asked'])
          .describe(
            'Whether namespaces and bindings of the entry exist in the cluster; infra user verify compares everything.',
          ),
        differences: z.array(z.string()),
      }),
    ),
    strays: z
      .array(z.object({ kind: z.enum(['namespace', 'binding']), name: z.string() }))
      .describe('Rights in the cluster that no entry stands for.'),
    driftUnknown: z.string().optional().describe('Why the cluster could not be asked.'),
  }),
} satisfies CommandDocument;
