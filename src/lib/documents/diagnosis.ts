import * as z from 'zod';
import { CONFIDENCES, PHASES, RISKS, SCOPES } from '../diagnosis/cause.ts';
import { FORECAST_METHODS } from '../diagnosis/forecast.ts';
import { VERDICTS } from '../findings/finding.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';

const verdict = z.enum(VERDICTS);
const coverage = z
  .object({ measured: z.int(), of: z.int(), unit: z.string() })
  .describe('How much was looked at: 124 of 159 claims.');
const moment = z.iso.datetime({ offset: true });

const rootCause = z.object({
  code: z.string().optional().describe('Stable; absent when only a place is known, or nothing.'),
  layer: z.string().optional(),
  scope: z.enum(SCOPES).optional(),
  confidence: z
    .enum(CONFIDENCES)
    .describe('confirmed: seen directly and it explains what fails; likely: by its position; undetermined.'),
  summary: z.string(),
  because: z.string(),
  evidence: z.array(z.string()).describe('Ids of findings.'),
});

const finding = findingDocument.omit({ hint: true }).extend({
  layer: z.string(),
  kind: z.enum(['passive', 'request', 'exec']),
  observations: z.array(z.object({ code: z.string(), subject: z.string().optional() })),
  causes: z
    .array(z.object({ code: z.string(), signature: z.string().optional(), detail: z.string().optional() }))
    .describe('Causes of which this probe saw direct evidence.'),
  data: z.json().optional().describe('Figures of this probe.'),
  coverage: coverage.optional(),
  samples: z.array(z.string()).optional(),
  durationMs: z.int().nonnegative(),
  blockedBy: z.string().optional().describe('Id of the finding without whose answer this could not be asked.'),
  causedBy: z.string().optional().describe('Code of the cause that explains what was seen here.'),
  ignored: z.object({ reason: z.string(), expires: z.string() }).optional(),
});

const forecast = z.object({
  what: z.string(),
  summary: z.string(),
  method: z.enum(FORECAST_METHODS),
  perMinute: z.number().optional(),
  secondsLow: z.number().optional(),
  secondsHigh: z.number().optional(),
});

const change = z.object({
  id: z.string().describe('A finding, or `rootCause`.'),
  before: z.string().optional(),
  after: z.string().optional(),
});

/** What every `infra diagnose SUBJECT --json` prints. */
export const diagnosisPayload = z.object({
  subject: z.string(),
  title: z.string(),
  at: moment.describe('When the questions were asked; in a replay, when they were recorded.'),
  tookMs: z.int().nonnegative(),
  options: z.record(z.string(), z.json()),
  ended: z.enum(['complete', 'deadline', 'interrupted']),
  verdict,
  shape: z.string().optional(),
  vantage: z.array(z.string()).optional().describe('Where the questions were asked from.'),
  rootCause: rootCause.optional(),
  alsoFailing: z
    .array(z.object({ code: z.string().optional(), summary: z.string(), evidence: z.array(z.string()) }))
    .describe('What the root cause does not explain.'),
  exonerated: z.array(
    z.object({ what: z.string(), layer: z.string(), because: z.string(), evidence: z.array(z.string()) }),
  ),
  findings: z.array(finding),
  counts: z.object({ PASS: z.int(), WARN: z.int(), FAIL: z.int(), UNKNOWN: z.int(), SKIP: z.int() }),
  coverage,
  since: z.object({ at: moment, orBefore: z.boolean().optional(), note: z.string().optional() }).optional(),
  forecasts: z.array(forecast),
  timeline: z.array(z.object({ at: moment, what: z.string() })),
  gaps: z.array(z.object({ alert: z.string(), why: z.string() })).describe('Alerts that should have fired.'),
  nextSteps: z.array(
    z.object({
      phase: z.enum(PHASES),
      text: z.string(),
      command: z.string().optional(),
      risk: z.enum(RISKS),
      note: z.string().optional(),
      cause: z.string().optional().describe('The cause that it ends, where that is not the root cause.'),
    }),
  ),
  alertRules: z.array(
    z.object({
      alert: z.string(),
      expr: z.string(),
      for: z.string(),
      severity: z.enum(['warning', 'critical']),
      summary: z.string(),
    }),
  ),
  ignores: z.array(
    z.object({
      finding: z.string(),
      subject: z.string().optional(),
      reason: z.string(),
      expires: z.string(),
      state: z.enum(['applied', 'expired', 'unmatched']),
    }),
  ),
  evidence: z.array(
    z.object({ id: z.string(), collectedAt: moment, requests: z.int(), command: z.string().optional() }),
  ),
  requests: z.record(z.string(), z.int()).describe('How many were made, by client.'),
  changes: z.array(change).optional().describe('With --changes: against the last run of this subject.'),
});

/** The document of the diagnosis of one subject. */
export type DiagnosisDocument = CommandDocument<typeof diagnosisPayload>;
