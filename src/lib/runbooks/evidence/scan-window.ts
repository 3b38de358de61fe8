import type { SignatureSet } from '../../diagnosis/logs/compile.ts';
import type { SignatureHit } from '../../diagnosis/logs/evidence.ts';
import { scanLogs } from '../../diagnosis/logs/scan.ts';
import { signatureOf } from '../../diagnosis/signatures/catalogue.ts';
import { rootCauseOf } from '../../diagnosis/signatures/codes.ts';
import type { LogFind, LogWindow } from './log-window.ts';
import { maybe } from './shape.ts';

/** Folds a log to counts while it streams. */
export async function scanWindow(
  lines: AsyncIterable<string>,
  signatures: SignatureSet,
  source: string,
  now: Date,
): Promise<Omit<LogWindow, 'pod' | 'container' | 'window'>> {
  const scanned = await scanLogs(lines, { signatures, source, nowMs: now.getTime() });
  return {
    lines: scanned.lines,
    served: scanned.requests,
    ...maybe('from', scanned.first),
    ...maybe('to', scanned.last),
    found: scanned.hits.map((hit) => toFind(hit, scanned.hits)),
    unknown: scanned.unknown.lines,
  };
}

function toFind(hit: SignatureHit, all: readonly SignatureHit[]): LogFind {
  const signature = signatureOf(hit.signature);
  const kind = signature?.kind ?? 'effect';
  const isThere = (id: string): boolean => all.some((other) => other.signature === id);
  const isEffect = kind === 'cause' && signature?.effectOf?.some(isThere) === true;
  const end = all.find((other) => other.signature === signature?.endedBy);
  const isOver = end?.last !== undefined && hit.last !== undefined && end.last >= hit.last;
  return {
    signature: hit.signature,
    kind: isOver ? 'noise' : isEffect ? 'effect' : kind,
    ...(hit.cause === undefined ? {} : { finding: hit.cause, rootCause: rootCauseOf(hit.cause) }),
    meaning: signature?.meaning ?? '',
    count: hit.count,
    ...maybe('first', hit.first),
    ...maybe('last', hit.last),
    sample: hit.samples[0] ?? '',
  };
}
