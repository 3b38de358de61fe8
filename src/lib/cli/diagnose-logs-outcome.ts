import type { LogEvidence } from '../diagnosis/logs/evidence.ts';
import { judgeLogs, type LogFinding } from '../diagnosis/logs/judge.ts';
import type { diagnoseLogs } from '../documents/diagnose-logs.ts';
import type { PayloadOf } from '../documents/envelope.ts';
import type { StatusName } from '../errors.ts';
import { diagnoseLogsText } from '../render/diagnose-logs.ts';
import type { ReadLogs } from './diagnose-logs-input.ts';
import type { Outcome } from './report.ts';

type Payload = PayloadOf<typeof diagnoseLogs>;

function findingPayload({ hit, ...finding }: LogFinding): Payload['findings'][number] {
  const { count, first, last, sources, samples } = hit;
  return {
    ...finding,
    count,
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    sources: [...sources],
    samples: [...samples],
  };
}

function logPayload({ hits: _hits, unknown: _unknown, ...log }: LogEvidence): Payload['log'] {
  return log;
}

const STATUS: Readonly<Record<string, StatusName>> = { FAIL: 'fail', UNKNOWN: 'unknown', PASS: 'ok' };

/** What is told of what was read. When a part could not be read, its error decides the status. */
export function logsOutcome({ evidence, read, notes, lacking, errors }: ReadLogs): Outcome<Payload> {
  const judgement = judgeLogs(evidence, lacking);
  const { verdict, reason, summary, findings } = judgement;
  const payload: Payload = {
    verdict,
    ...(reason === undefined ? {} : { reason }),
    summary,
    read: [...read],
    notes: [...notes],
    findings: findings.map(findingPayload),
    unknown: { ...evidence.unknown, shapes: [...evidence.unknown.shapes] },
    log: logPayload(evidence),
  };
  const told = { judgement, evidence, read, notes };
  const [error] = errors;
  if (error !== undefined) return { payload, error, text: (style) => diagnoseLogsText(style, told) };
  return { status: STATUS[verdict] ?? 'unknown', payload, text: (style) => diagnoseLogsText(style, told) };
}
