import type { Diagnosis, DiagnosisFinding, NextStep } from '../diagnosis/diagnosis.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `17 Apr 03:10 UTC`. An incident is told in UTC: those who read it sit in several zones. */
export function moment(iso: string): string {
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
}

/** `0.6 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `1 probe`, `2 probes`. */
function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What a reader calls the cause: the title of the last probe that saw it. */
function causeName(diagnosis: Pick<Diagnosis, 'findings'>, code: string): string {
  const seen = diagnosis.findings.filter(({ causes }) => causes.some((cause) => cause.code === code));
  return seen.at(-1)?.title ?? code;
}

/** `17 Apr 03:10 UTC or before (start of the log)`. */
export function sinceWords({ since }: Pick<Diagnosis, 'since'>): string | undefined {
  if (since === undefined) return undefined;
  return `${moment(since.at)}${since.orBefore === true ? ' or before' : ''}${since.note === undefined ? '' : ` (${since.note})`}`;
}

/** `authentik.outpost.shm-full, confirmed, shared by every host`. */
export function rootWords({ rootCause }: Pick<Diagnosis, 'rootCause'>): string | undefined {
  if (rootCause === undefined) return undefined;
  const { code, confidence, scope, because } = rootCause;
  const whom = { shared: 'shared by every host', 'per-host': 'only some hosts', 'per-user': 'only this user' };
  const scopeWords = scope === undefined ? [] : [whom[scope]];
  if (code === undefined) return [`${confidence}: ${because}`, ...scopeWords].join('; ');
  return [code, confidence === 'confirmed' ? confidence : `${confidence} (${because})`, ...scopeWords].join(', ');
}

/** `14 of 18 probes answered, 24 requests, 2.1 s`. */
export function effortWords({
  coverage,
  requests,
  tookMs,
}: Pick<Diagnosis, 'coverage' | 'requests' | 'tookMs'>): string {
  const sum = Object.values(requests).reduce((total, count) => total + count, 0);
  const { measured, of } = coverage;
  const probes = measured === of ? counted(of, 'probe') : `${measured} of ${counted(of, 'probe')} answered`;
  return `${probes}, ${counted(sum, 'request')}, ${seconds(tookMs)}`;
}

/** What there is to say when nothing failed. */
export function verdictWords({ verdict, counts }: Pick<Diagnosis, 'verdict' | 'counts'>): string {
  const silent = counted(counts.UNKNOWN, 'question');
  if (verdict === 'UNKNOWN') return `UNKNOWN: ${silent} had no answer, so this is not health`;
  return verdict === 'WARN' ? 'WARN: nothing fails yet' : `${verdict}: nothing is wrong with what was asked`;
}

/** What a finding says, with what stands behind it. */
export function findingWords(diagnosis: Pick<Diagnosis, 'findings'>, finding: DiagnosisFinding): string {
  const { detail, causedBy, coverage, ignored, verdict, reason } = finding;
  const parts = [
    verdict === 'SKIP' && reason === 'not-applicable' ? `not applicable: ${detail}` : detail,
    ...(causedBy === undefined ? [] : [`caused by ${causeName(diagnosis, causedBy)}`]),
    ...(coverage === undefined || coverage.measured === coverage.of
      ? []
      : [`${coverage.measured} of ${coverage.of} ${coverage.unit} measured`]),
    ...(ignored === undefined ? [] : [`accepted until ${ignored.expires}: ${ignored.reason}`]),
  ];
  return [...new Set(parts)].join('; ');
}

/** An entry of infra.yaml that has had its day. */
export function ignoreWords({ finding, subject, state, expires }: Diagnosis['ignores'][number]): string {
  const what = subject === undefined ? finding : `${finding} of ${subject}`;
  return `${what}: ${state === 'expired' ? `expired on ${expires}` : 'matches nothing'}, remove it from infra.yaml`;
}

/** The words for a phase, at most nine columns. */
export const PHASE_WORDS: Readonly<Record<NextStep['phase'], string>> = {
  keep: 'keep',
  now: 'now',
  verify: 'verify',
  'for-good': 'for good',
};

/** What a step does besides its text: a reader must see it before typing the command. */
export function riskWords({ risk, note }: Pick<NextStep, 'risk' | 'note'>): string | undefined {
  if (note !== undefined) return note;
  return risk === 'read' ? undefined : risk === 'write' ? 'changes something' : 'destroys something';
}
