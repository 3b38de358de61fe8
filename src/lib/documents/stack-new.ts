import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';

/** `infra stack new --json`. */
export const stackNew = {
  command: 'stack new',
  payload: z.object({
    name: z.string(),
    folder: z.string(),
    dryRun: z.boolean().describe('True when nothing was written.'),
    files: z.array(z.object({ path: z.string().describe('Below the folder.'), text: z.string() })),
    links: z.array(z.object({ path: z.string(), target: z.string() })),
    dependencies: z.array(z.string()),
    findings: z.array(findingDocument).describe('Guards, validation, and whether the name is free in Vault.'),
    firstApply: z.array(z.string()).describe('What the first apply will need.'),
    next: z.array(z.string()).describe('What to type next.'),
  }),
} satisfies CommandDocument;
