import { PHASES, type Remedy, RISKS } from './cause.ts';
import type { Recorded } from './collected.ts';
import type { NextStep } from './diagnosis.ts';
import type { Judgements, Runbook } from './runbook.ts';
import type { Verdicts } from './verdict/verdict.ts';

/**
 * What to do next: for a confirmed cause its remedies, for a likely one only what reads, else the questions that had no
 * answer, by hand. Other confirmed causes add what ends them now. Evidence is kept before anything is changed; within a
 * phase the least intrusive comes first.
 */
export function nextStepsOf(
  runbook: Runbook,
  judged: Judgements,
  { root, alsoFailing }: Pick<Verdicts, 'root' | 'alsoFailing'>,
  recorded: Pick<Recorded, 'isKept' | 'collected'>,
): readonly NextStep[] {
  const unanswered = (): readonly NextStep[] => open(runbook, judged, recorded);
  if (root?.cause === undefined) return unanswered();
  const isConfirmed = root.confidence === 'confirmed';
  const own = root.cause.remedies(judged).filter(({ risk }) => isConfirmed || risk === 'read');
  const others = alsoFailing.flatMap(({ cause, confidence }) =>
    cause === undefined || confidence !== 'confirmed'
      ? []
      : cause
          .remedies(judged)
          .filter(({ phase }) => phase === 'now')
          .map((remedy) => ({ ...stepOf(remedy), cause: cause.code })),
  );
  const steps = [...own.map(stepOf), ...others];
  const keep: readonly NextStep[] =
    recorded.isKept || steps.every(({ risk }) => risk === 'read')
      ? []
      : [
          {
            phase: 'keep',
            text: 'what is done next may erase evidence',
            command: `infra diagnose ${runbook.subject} --record DIR`,
            risk: 'read',
          },
        ];
  const sorted = inOrder([...keep, ...steps]);
  return isConfirmed ? sorted : [...leftOut(runbook, judged), ...sorted, ...unanswered()];
}

/** By phase, and within one the least intrusive first. */
export function inOrder<Step extends Pick<Remedy, 'phase' | 'risk'>>(steps: readonly Step[]): readonly Step[] {
  return steps.toSorted(
    (a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) || RISKS.indexOf(a.risk) - RISKS.indexOf(b.risk),
  );
}

function stepOf({ phase, text, command, risk, destroys, signsOut }: Remedy): NextStep {
  const notes = [
    ...(destroys === undefined ? [] : [`destroys ${destroys}`]),
    ...(signsOut === undefined ? [] : [`signs out ${signsOut}`]),
  ];
  return {
    ...{ phase, text, risk },
    ...(command === undefined ? {} : { command }),
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}

/** What was left out by choice may be what is missing. */
function leftOut({ subject }: Pick<Runbook, 'subject'>, judged: Judgements): readonly NextStep[] {
  const isPart = judged.all.some(({ judgement }) => /^(not-selected|no-exec)$/.test(judgement.reason ?? ''));
  const text = 'ask what was left out';
  return isPart ? [{ phase: 'now', text, command: `infra diagnose ${subject}`, risk: 'read' }] : [];
}

const MOST = 3;
const MANY = 5;

/**
 * The questions that had no answer of their own, one a reason: who cannot be asked by infra can often be asked by hand.
 * Where rights are missing, how to get them.
 */
function open(
  { subject }: Pick<Runbook, 'subject'>,
  judged: Judgements,
  { collected }: Pick<Recorded, 'collected'>,
): readonly NextStep[] {
  const byHand = new Map(collected.map((one) => [one.id, one.byHand]));
  const silent = judged.all.filter(
    ({ judgement, blockedBy }) => judgement.verdict === 'UNKNOWN' && blockedBy === undefined,
  );
  const firsts = [...new Map(silent.toReversed().map((one) => [one.judgement.reason, one])).values()].toReversed();
  const rights: readonly NextStep[] = firsts.some(({ judgement }) => judgement.reason === 'forbidden')
    ? [
        {
          phase: 'now',
          text: 'the rights that this diagnosis needs',
          command: `infra diagnose ${subject} --print-role`,
          risk: 'read',
        },
      ]
    : [];
  const questions = firsts.slice(0, MOST).map(({ probe, judgement }): NextStep => {
    const command = byHand.get(probe.id) ?? '';
    const text = `no answer from ${probe.title}: ${judgement.detail}`;
    return { phase: 'now', text, risk: 'read', ...(command === '' ? {} : { command }) };
  });
  const ways = silent.filter(({ judgement }) =>
    /^(unreachable|unauthorized|timeout|not-configured)$/.test(judgement.reason ?? ''),
  );
  // Many questions with the same silence are one fault: of the way there, not of what was asked about.
  const way: readonly NextStep[] =
    ways.length >= MANY
      ? [
          {
            phase: 'now',
            text: `the way there: ${ways.length} questions went unanswered`,
            command: 'infra doctor',
            risk: 'read',
          },
        ]
      : [];
  return [...way, ...rights, ...questions];
}
