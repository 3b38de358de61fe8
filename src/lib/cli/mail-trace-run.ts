import { openLog } from '../clients/files/log-stream.ts';
import { makeLineSplitter } from '../clients/process/lines.ts';
import type { PayloadOf } from '../documents/envelope.ts';
import type { mailTrace } from '../documents/mail-trace.ts';
import type { LogSource } from '../mail/trace/fold-logs.ts';
import { type TraceAnswer, type TraceRequest, traceInCluster, traceInFiles } from '../mail/trace/trace.ts';
import { mailTraceText } from '../render/mail-trace.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import { type KeyWords, traceKeyOf } from './mail-trace-key.ts';
import type { Outcome } from './report.ts';

type Payload = PayloadOf<typeof mailTrace>;

/** The flags of `mail trace`. */
export type TraceFlags = KeyWords & {
  /** Milliseconds. */
  readonly since?: number | undefined;
  readonly file?: readonly string[] | undefined;
  readonly limit: number;
};

/** Longer lines are cut there by whoever splits them. */
const LONGEST_LINE = 64 * 1024;

/** One run of `mail trace`: in the cluster, or in files. */
export async function runMailTrace(context: Context, host: Host, flags: TraceFlags): Promise<Outcome<Payload>> {
  const request: TraceRequest = {
    key: traceKeyOf(flags),
    nowMs: host.now().getTime(),
    limit: flags.limit,
    signal: host.interruption.signal,
    ...(flags.since === undefined ? {} : { sinceSeconds: Math.max(1, Math.round(flags.since / 1000)) }),
  };
  const began = host.monotonic();
  const files = flags.file ?? [];
  const answer =
    files.length > 0 ? await traceInFiles(files.map(fileSource), request) : await inCluster(context, request);
  return {
    status: answer.status,
    payload: payloadOf(answer),
    text: (style) => mailTraceText(style, answer, host.monotonic() - began),
  };
}

async function inCluster(context: Context, request: TraceRequest): Promise<TraceAnswer> {
  const site = await context.site('read');
  const { clock } = await context.clients('clock');
  return traceInCluster({ clock, kubernetes: await context.diagnosedCluster() }, site, request);
}

function fileSource(path: string): LogSource {
  return { name: path, isMain: true, open: () => linesOf(path) };
}

async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  const splitter = makeLineSplitter(LONGEST_LINE);
  for await (const piece of openLog(path)) yield* splitter.push(Buffer.from(piece));
  yield* splitter.end();
}

/** zod's types know arrays that may be changed only. */
function payloadOf({ wanted, mails, more, coverage, findings, counts, next }: TraceAnswer): Payload {
  return {
    wanted,
    mails: mails.map((mail) => ({
      ...mail,
      queueIds: [...mail.queueIds],
      recipients: [...mail.recipients],
      steps: [...mail.steps],
    })),
    more,
    coverage: { ...coverage, logs: [...coverage.logs], notes: [...coverage.notes] },
    findings: [...findings],
    counts,
    next: [...next],
  };
}
