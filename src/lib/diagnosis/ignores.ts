import type { Ignore } from './collected.ts';
import type { IgnoreNote } from './diagnosis.ts';
import type { Judged } from './runbook.ts';

/** Which findings the site accepts, and what became of every entry that names one of this runbook's. */
export type Ignored = { readonly findings: ReadonlyMap<string, Ignore>; readonly notes: readonly IgnoreNote[] };

/**
 * Matches `ignore` of infra.yaml against bad findings. An entry without a subject accepts the finding whatever it is
 * about; entries with one accept it only if together they cover everything that it observed. An entry counts until the
 * end of its day in UTC; expired ones and those that match nothing are told, so that they get removed.
 */
export function ignoresOf(judged: readonly Judged[], entries: readonly Ignore[], at: string): Ignored {
  const day = at.slice(0, 10);
  const ids = new Set(judged.map(({ probe }) => probe.id));
  const own = entries.filter(({ finding }) => ids.has(finding));
  const live = own.filter(({ expires }) => expires >= day);
  const findings = new Map<string, Ignore>();
  const used = new Set<Ignore>();
  for (const { probe, judgement } of judged) {
    if (judgement.verdict === 'PASS' || judgement.verdict === 'SKIP') continue;
    const matching = live.filter(({ finding }) => finding === probe.id);
    const whole = matching.find(({ subject }) => subject === undefined);
    const subjects = (judgement.observations ?? []).map(({ subject }) => subject);
    const covers = matching.filter(({ subject }) => subject !== undefined && subjects.includes(subject));
    const isCovered =
      subjects.length > 0 && subjects.every((subject) => covers.some((entry) => entry.subject === subject));
    const entry = whole ?? (isCovered ? covers[0] : undefined);
    for (const one of whole === undefined ? covers : [whole]) used.add(one);
    if (entry !== undefined) findings.set(probe.id, entry);
  }
  const notes = own.map((entry): IgnoreNote => {
    const state = entry.expires < day ? 'expired' : used.has(entry) ? 'applied' : 'unmatched';
    return { ...entry, state };
  });
  return { findings, notes };
}
