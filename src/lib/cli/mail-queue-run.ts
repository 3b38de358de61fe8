import type { PayloadOf } from '../documents/envelope.ts';
import type { mailQueue } from '../documents/mail-queue.ts';
import { checkQueue, type QueueAnswer } from '../mail/queue/check-queue.ts';
import { mailQueueText } from '../render/mail-queue.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import type { Outcome } from './report.ts';

type Payload = PayloadOf<typeof mailQueue>;

/** One run of `mail queue`. */
export async function runMailQueue(context: Context, host: Host): Promise<Outcome<Payload>> {
  const site = await context.site('read');
  const began = host.monotonic();
  const clients = await context.clients('ssh', 'clock');
  const check = await checkQueue({ kubernetes: await context.diagnosedCluster(), ...clients }, site);
  return {
    status: check.status,
    payload: {
      at: check.at.toISOString(),
      places: check.answers.map(placeOf),
      findings: [...check.findings],
      counts: check.counts,
    },
    text: (style) => mailQueueText(style, check, host.monotonic() - began),
  };
}

/** zod's types know arrays that may be changed only. */
function placeOf({ place, evidence, judgement, next }: QueueAnswer): Payload['places'][number] {
  const value = evidence.state === 'answered' ? evidence.value : undefined;
  const { summary } = value ?? {};
  return {
    place,
    ...(value === undefined ? {} : { where: value.where, isRunning: value.isRunning }),
    ...(summary === undefined
      ? {}
      : { summary: { ...summary, reasons: [...summary.reasons], domains: [...summary.domains] } }),
    troubles: [...judgement.troubles],
    next: [...next],
  };
}
