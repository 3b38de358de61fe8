import type { Kubernetes, LogRequest } from '../../clients/kubernetes/client.ts';
import { bothEnds, type LogCut } from '../../diagnosis/logs/both-ends.ts';
import type { SignatureSet } from '../../diagnosis/logs/compile.ts';
import type { SignatureHit } from '../../diagnosis/logs/evidence.ts';
import { scanLogs } from '../../diagnosis/logs/scan.ts';
import { signatureOf } from '../../diagnosis/signatures/catalogue.ts';
import { rootCauseOf } from '../../diagnosis/signatures/codes.ts';
import type { LogFind, LogWindow, WindowName } from './log-window.ts';
import { maybe } from './shape.ts';

/** How a window is read, and into what it is folded. */
export type ScanRequest = {
  readonly request: LogRequest & { readonly limitBytes: number };
  readonly signatures: SignatureSet;
  readonly now: Date;
  /** Shown every line as it passes. */
  readonly see?: (line: string) => void;
};

/**
 * Reads a window of a log and folds it to counts while it streams. Where it is longer than the limit, its newest lines
 * are read too: what the API leaves out is what is happening now. Only the beginning needs no end.
 */
export async function readWindow(
  kubernetes: Pick<Kubernetes, 'logs'>,
  window: WindowName,
  { request, signatures, now, see }: ScanRequest,
): Promise<LogWindow> {
  const { pod, container = '' } = request;
  const asked = { ...request, ...ASKED[window], timestamps: true };
  let cut: LogCut | undefined;
  const onCut = (seen: LogCut): void => {
    cut = seen;
  };
  const lines = window === 'beginning' ? kubernetes.logs(asked) : bothEnds(kubernetes, asked, onCut);
  const shown = see === undefined ? lines : seeing(lines, see);
  const scanned = await scanWindow(shown, signatures, `${pod}/${container}`, now);
  return { pod, container, window, ...scanned, ...maybe('cut', cut) };
}

const ASKED: Readonly<Record<WindowName, Pick<LogRequest, 'sinceSeconds' | 'previous'>>> = {
  newest: { sinceSeconds: 900 },
  wider: { sinceSeconds: 6 * 3600 },
  beginning: {},
  previous: { previous: true },
};

async function* seeing(lines: AsyncIterable<string>, see: (line: string) => void): AsyncIterable<string> {
  for await (const line of lines) {
    see(line);
    yield line;
  }
}

/** Folds a log to counts while it streams. */
async function scanWindow(
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
