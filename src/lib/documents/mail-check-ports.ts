import * as z from 'zod';
import { CELL_VERDICTS, HOPS } from '../mail/hops.ts';
import { PROTOCOLS } from '../mail/ports.ts';
import { PHASES } from '../mail/probe/report.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';
import { adviceDocument } from './mail-advice.ts';

const row = z.object({
  port: z.int().describe('The port that clients use; where it was asked is endpoint.'),
  protocol: z.enum(PROTOCOLS),
  hop: z.enum(HOPS),
  endpoint: z.string(),
  proxy: z.enum(['required', 'withheld', 'none']).describe('required: asked with a PROXY v2 header.'),
  expected: z.string(),
  got: z.string(),
  ms: z.int().nonnegative().optional(),
  verdict: z.enum(CELL_VERDICTS).describe('OK and EXPECTED-DROP are PASS, INCONCLUSIVE is UNKNOWN, SKIPPED is SKIP.'),
  reason: z.string().optional().describe('A stable word, such as refused, timeout, rate-limited, local-egress.'),
  phase: z.enum(PHASES).optional().describe('The step of the conversation that the reason is about.'),
  node: z.string().optional(),
  coveredBy: z
    .literal('roundtrip')
    .optional()
    .describe('Another row proves what this one could not; it counts as PASS.'),
  certificate: z
    .object({
      fingerprint: z.string().describe('SHA-256, hexadecimal.'),
      names: z.array(z.string()),
      issuer: z.string(),
      notAfter: z.iso.datetime().optional(),
      trusted: z.boolean(),
      nameMatches: z.boolean(),
    })
    .optional(),
  phases: z.array(z.object({ phase: z.enum(PHASES), ms: z.int() })).optional(),
  transcript: z
    .array(z.object({ phase: z.enum(PHASES), from: z.enum(['infra', 'server']), atMs: z.int(), text: z.string() }))
    .optional(),
});

/** `infra mail check-ports --json`. */
export const mailCheckPorts = {
  command: 'mail check-ports',
  payload: z.object({
    hostname: z.string(),
    vantage: z.string().describe('Where the questions were asked from.'),
    deep: z.boolean(),
    dryRun: z.boolean(),
    planned: z
      .array(
        z.object({
          kind: z.enum(['connect', 'exec', 'api', 'ssh']),
          hop: z.enum(HOPS),
          endpoint: z.string(),
          proxy: z.enum(['required', 'withheld', 'none']),
          what: z.string(),
        }),
      )
      .optional()
      .describe('With --dry-run: what would be asked.'),
    rows: z.array(row).describe('Hops from inside to outside, ports in their order; empty with --dry-run.'),
    findings: z.array(findingDocument).describe('What only all rows together say: certificates.'),
    counts: z.object({ PASS: z.int(), WARN: z.int(), FAIL: z.int(), UNKNOWN: z.int(), SKIP: z.int() }),
    conclusion: z
      .object({
        state: z.enum(['healthy', 'broken', 'undetermined']),
        summary: z.string(),
        breaks: z.array(
          z.object({
            code: z.string(),
            hop: z.enum(HOPS),
            protocols: z.array(z.enum(PROTOCOLS)),
            reason: z.string(),
            summary: z.string(),
            means: z.string(),
            next: z.array(adviceDocument),
          }),
        ),
        notes: z.array(z.string()).describe('What could not be told, a sentence each.'),
      })
      .optional(),
    connections: z.int().describe('TCP connections that were tried.'),
  }),
} satisfies CommandDocument;
