import * as z from 'zod';
import { ROLES } from '../users/entry.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';

const actionDocument = z.object({
  kind: z.string(),
  target: z.string(),
  summary: z.string(),
  diff: z.array(z.string()).optional(),
  risk: z.enum(['read', 'write', 'destroy']),
});

const stepDocument = z.object({
  step: z.string(),
  title: z.string(),
  state: z.enum([
    'done',
    'applied',
    'planned',
    'deferred',
    'refused',
    'failed',
    'blocked',
    'interrupted',
    'rolled-back',
  ]),
  detail: z.string(),
  durationMs: z.int().nonnegative(),
  actions: z.array(actionDocument),
});

/** `infra user add --json`. */
export const userAdd = {
  command: 'user add',
  payload: z.object({
    user: z.string(),
    entry: z.object({
      role: z.enum(ROLES),
      email: z.string(),
      namespaces: z.array(z.string()),
      domains: z.array(z.string()),
      quota: z.record(z.string(), z.string()),
    }),
    result: z
      .enum([
        'added',
        'completed',
        'nothing-to-change',
        'edited',
        'planned',
        'refused',
        'undone',
        'incomplete',
        'failed',
      ])
      .describe(
        'added: entry written and everything proved; completed: the entry was there, what was missing was done; nothing-to-change: everything was proved to be there; edited: --no-apply, the entry is there, written by this run or before it, and the stacks were not looked at; planned: --dry-run.',
      ),
    run: z.string().optional().describe('Id of the journal: infra run show ID.'),
    shape: z.enum(['documented', 'extracted']).optional(),
    preflight: z.array(findingDocument),
    order: z.array(z.object({ stack: z.string(), reason: z.string(), tier: z.int() })),
    leftOut: z.array(z.object({ stack: z.string(), reason: z.string() })),
    edit: z
      .object({
        path: z.string(),
        key: z.string(),
        diff: z.array(z.string()),
        usersBefore: z.int(),
        version: z.int().optional(),
      })
      .optional(),
    standingDrift: z.array(z.object({ stack: z.string(), address: z.string(), class: z.string() })),
    steps: z.array(stepDocument),
    findings: z.array(findingDocument).describe('What the user has now, one finding an object.'),
    byHand: z.array(z.string()).describe('What is left to do by hand.'),
    commandsLeft: z
      .array(z.string())
      .describe('With --no-apply, or after a failure: the commands that are left, in order.'),
  }),
} satisfies CommandDocument;
