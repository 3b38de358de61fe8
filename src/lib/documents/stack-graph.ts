import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** `infra stack graph --json`. */
export const stackGraph = {
  command: 'stack graph',
  payload: z.object({
    focus: z.string().optional().describe('The stack that the graph was cut to.'),
    stacks: z.array(
      z.object({
        name: z.string(),
        tier: z.union([z.literal(0), z.literal(1)]),
        scaffold: z.boolean(),
      }),
    ),
    edges: z
      .array(
        z.object({
          from: z.string().describe('The stack that waits.'),
          to: z.string().describe('The stack that it waits for.'),
          source: z
            .enum(['declared', 'users', 'secret', 'namespace'])
            .describe('declared: in terragrunt.hcl. The others nobody declares; they are read from the modules.'),
          because: z.string(),
        }),
      )
      .describe('Implicit edges that declared ones imply are left out.'),
    missing: z
      .array(
        z.object({
          stack: z.string(),
          target: z.string(),
          kind: z.enum(['missing', 'outside', 'unresolved']),
        }),
      )
      .describe('Dependencies that lead to no stack of the repository, or that the text does not tell.'),
    cycles: z.array(z.array(z.string())).describe('Each cycle in full; the last stack depends on the first.'),
    waves: z.array(z.array(z.string())).describe('Each wave needs only what stands in waves before it.'),
    unordered: z.array(z.string()).describe('Members of cycles and what depends on one.'),
    verified: z
      .object({
        differences: z.array(
          z.object({
            kind: z.enum(['stack-hidden', 'stack-extra', 'edge-hidden', 'edge-extra']),
            stack: z.string(),
            target: z.string().optional(),
            text: z.string(),
          }),
        ),
      })
      .optional()
      .describe('With --verify: where terragrunt find says something else.'),
  }),
} satisfies CommandDocument;
