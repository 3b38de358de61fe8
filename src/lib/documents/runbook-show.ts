import * as z from 'zod';
import { PHASES, RISKS } from '../diagnosis/cause.ts';
import type { CommandDocument } from './envelope.ts';

const code = z.object({ code: z.string(), meaning: z.string().optional() });

/** `infra runbook show --json`: the runbook in words. */
export const runbookShow = {
  command: 'runbook show',
  payload: z.object({
    subject: z.string(),
    title: z.string(),
    introduction: z.string(),
    questions: z.array(
      z.object({
        id: z.string(),
        anchor: z.string(),
        title: z.string(),
        layer: z.string(),
        kind: z.enum(['passive', 'request', 'exec']),
        cost: z.string(),
        question: z.string(),
        why: z.string(),
        command: z.string().describe('The same by hand.'),
        healthy: z.string(),
        failures: z.array(
          z.object({
            code: z.string(),
            meaning: z.string(),
            leadsTo: z.string().optional().describe('Anchor of the cause that this is evidence of.'),
          }),
        ),
        needs: z.array(z.string()).describe('What the cluster must allow.'),
      }),
    ),
    causes: z.array(
      z.object({
        code: z.string(),
        anchor: z.string(),
        title: z.string(),
        layer: z.string(),
        explains: z.array(code),
        seenBy: z.array(z.object({ title: z.string(), anchor: z.string() })),
        remedies: z.array(
          z.object({
            phase: z.enum(PHASES),
            text: z.string(),
            command: z.string().optional(),
            risk: z.enum(RISKS),
            destroys: z.string().optional(),
            signsOut: z.string().optional(),
          }),
        ),
        alerts: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            for: z.string(),
            severity: z.enum(['warning', 'critical']),
            summary: z.string(),
          }),
        ),
      }),
    ),
  }),
} satisfies CommandDocument;
