import { PHASES, type Remedy, RISKS } from './cause.ts';
import type { Recorded } from './collected.ts';
import type { NextStep } from './diagnosis.ts';
import type { Judgements, Runbook } from './runbook.ts';
import type { Verdicts } from './verdict/verdict.ts';

/**
 * What to do next: for a confirmed cause its remedies, for a likely one only what reads, else the questions that had no
 * answer, by hand. Evidence is kept before anything is changed; within a phase the least intrusive comes first.
 */
export function nextStepsOf(
  runbook: Runbook,
  judged: Judgements,
  { root }: Pick<Verdicts, 'root'>,
  recorded: Pick<Recorded, 'isKept' | 'collected'>,
): readonly NextStep[] {
  if (root?.cause === undefined) return open(judged, recorded);
  const all = root.cause.remedies(judged);
  const told = root.confidence === 'confirmed' ? all : all.filter(({ risk }) => risk === 'read');
  const steps = told.map(stepOf);
  const changes = told.some(({ risk }) => risk !== 'read');
  const keep: NextStep[] =
    changes && !recorded.isKept
      ? [
          {
            phase: 'keep',
            text: 'what is done next may erase evidence',
            command: `infra diagnose ${runbook.subject} --record DIR`,
            risk: 'read',
          },
        ]
      : [];
  const sorted = inOrder([...keep, ...steps]);
  return root.confidence === 'confirmed' ? sorted : [...sorted, ...open(judged, recorded)];
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

const MOST = 3;

/** The questions that had no answer of their own: who cannot be asked by infra can often be asked by hand. */
function open(judged: Judgements, { collected }: Pick<Recorded, 'collected'>): readonly NextStep[] {
  const byHand = new Map(collected.map((one) => [one.id, one.byHand]));
  return judged.all
    .filter(({ judgement, blockedBy }) => judgement.verdict === 'UNKNOWN' && blockedBy === undefined)
    .slice(0, MOST)
    .map(({ probe, judgement }): NextStep => {
      const command = byHand.get(probe.id) ?? '';
      const text = `no answer from ${probe.title}: ${judgement.detail}`;
      return { phase: 'now', text, risk: 'read', ...(command === '' ? {} : { command }) };
    });
}
