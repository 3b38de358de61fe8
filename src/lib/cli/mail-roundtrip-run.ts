import { randomBytes } from 'node:crypto';
import type { PayloadOf } from '../documents/envelope.ts';
import type { mailRoundtrip } from '../documents/mail-roundtrip.ts';
import { InfraError } from '../errors.ts';
import { countVerdicts, type Finding, statusOfFindings } from '../findings/finding.ts';
import { answerOf } from '../mail/evidence/answer.ts';
import { collectRoundtrip } from '../mail/evidence/roundtrip.ts';
import type { RoundtripJob } from '../mail/roundtrip/job.ts';
import { judgeRoundtrip } from '../mail/roundtrip/judge-roundtrip.ts';
import { judgeSend } from '../mail/roundtrip/judge-send.ts';
import { roundtripNextSteps, staleNextSteps } from '../mail/roundtrip/next-steps.ts';
import { prepareRoundtrip } from '../mail/roundtrip/prepare.ts';
import { type Sent, sendRoundtrip } from '../mail/roundtrip/send.ts';
import { roundtripPlanText, roundtripText } from '../render/mail-roundtrip.ts';
import type { Site } from '../site/site.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { Outcome } from './report.ts';

type Payload = PayloadOf<typeof mailRoundtrip>;
type Send = NonNullable<Payload['send']>;

/** What a run of `mail roundtrip` needs of its command. */
export type RoundtripRun = { readonly context: Context; readonly host: Host; readonly output: Output };

const ID = 'mail.roundtrip';
const TITLE = 'roundtrip';

/** The monitor's last result and its age. */
export async function runLastRoundtrip({ context, host }: RoundtripRun): Promise<Outcome<Payload>> {
  const site = await context.site('read');
  const kubernetes = await context.diagnosedCluster();
  const { http } = await context.clients('http');
  const state = await answerOf(() => collectRoundtrip({ kubernetes, http }, site));
  const judged = judgeRoundtrip(state, host.now());
  const finding: Finding = { id: ID, title: TITLE, ...judged };
  const next = finding.verdict === 'PASS' ? [] : staleNextSteps(site);
  const known = state.state === 'answered' ? state.value : undefined;
  const last = known === undefined ? {} : { last: { ...known } };
  return outcome(finding, { ...last, next: [...next] }, (style) => roundtripText(style, finding, next));
}

/** Starts the monitor's Job now. Errors: `mail.not-confirmed` (4), those of `prepareRoundtrip` and of creating. */
export async function runSendRoundtrip(
  run: RoundtripRun,
  flags: { readonly yes: boolean; readonly dryRun: boolean },
): Promise<Outcome<Payload>> {
  const { context, host, output } = run;
  const site = await context.site(flags.dryRun ? 'read' : 'write');
  const clients = await context.clients('kubernetes', 'clock', 'prompt');
  const job = await prepareRoundtrip(clients, site, `infra-${randomBytes(3).toString('hex')}`);
  const plan = planned(job, flags.dryRun);
  if (flags.dryRun) {
    const payload = { send: plan, findings: [], counts: countVerdicts([]), next: [] };
    return { status: 'ok', payload, text: (style) => `${roundtripPlanText(style, job)}\nNothing was done.` };
  }
  if (!flags.yes) {
    output.note(roundtripPlanText(output.sideStyle, job));
    await confirm(clients.prompt);
  }
  const { signal } = host.interruption;
  const sent = await host.interruption.hold(() => sendRoundtrip(clients, job, { signal, say: output.progress }));
  return sentOutcome(site, plan, sent);
}

async function confirm(prompt: { readonly available: boolean; confirm(question: string): Promise<boolean> }) {
  if (prompt.available && (await prompt.confirm('Send it?'))) return;
  const why = prompt.available ? 'Not confirmed.' : 'There is no terminal to ask on.';
  throw new InfraError('mail.not-confirmed', 'refused', `${why} Nothing was changed.`, {
    hints: ['infra mail roundtrip --send --yes'],
  });
}

function sentOutcome(site: Site, plan: Send, { evidence, interrupted, left }: Sent): Outcome<Payload> {
  const { half, ...judged } = judgeSend(evidence);
  const finding: Finding = { id: ID, title: TITLE, ...judged };
  const next = roundtripNextSteps(half, site);
  const send: Send = {
    ...plan,
    half,
    phase: evidence.phase,
    waitedSeconds: Math.round(evidence.waitedMs / 1000),
    ...(evidence.log?.seconds === undefined ? {} : { seconds: evidence.log.seconds }),
    ...(evidence.log === undefined ? {} : { log: [...evidence.log.lines] }),
    isDeleted: left === undefined,
  };
  const shown = { job: plan.job, log: evidence.log?.lines ?? [], isDeleted: left === undefined };
  if (interrupted instanceof InfraError && left === undefined) return { payload: { send }, error: interrupted };
  const whole = outcome(finding, { send, next: [...next] }, (style) => roundtripText(style, finding, next, shown));
  return left === undefined ? whole : { ...whole, error: left };
}

function outcome(
  finding: Finding,
  rest: Pick<Payload, 'next'> & Partial<Payload>,
  text: Extract<Outcome<Payload>, { status: unknown }>['text'],
) {
  const findings = [finding];
  const payload: Payload = { ...rest, findings, counts: countVerdicts(findings) };
  return { status: statusOfFindings(findings), payload, text };
}

function planned(job: RoundtripJob, dryRun: boolean): Send {
  const { name, cronJob, namespace, waitMs, waitFrom } = job;
  return { dryRun, job: name, cronJob, namespace, waitSeconds: Math.round(waitMs / 1000), waitFrom };
}
