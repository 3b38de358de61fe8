import type { Finding, Verdict } from '../../findings/finding.ts';
import { signatureOf } from '../signatures/catalogue.ts';
import { type FindingCode, type RootCauseCode, rootCauseOf } from '../signatures/codes.ts';
import type { Component, Signature } from '../signatures/signature.ts';
import type { LogEvidence, SignatureHit } from './evidence.ts';

/** What became of a signature in this log: an effect whose cause is not there is told apart. */
export type Role = 'cause' | 'effect' | 'unexplained-effect' | 'noise' | 'good';

/** One signature that was seen, judged. Its verdict is FAIL for a cause, UNKNOWN for an effect whose cause is missing. */
export type LogFinding = Finding & {
  /** Id of the signature. */
  readonly signature: string;
  readonly component: Component;
  readonly role: Role;
  readonly code?: FindingCode;
  readonly rootCause?: RootCauseCode;
  /** Of an effect: the id of the finding that explains it. */
  readonly causedBy?: string;
  /** When what was ordinary for seconds had ended, ISO 8601: something that stands later in the log says so. */
  readonly endedAt?: string;
  readonly meaning: string;
  readonly next?: string;
  readonly source: string;
  readonly hit: SignatureHit;
};

/** A judged log: every finding, causes first, each followed by its effects, then what is unexplained, noise, good. */
export type LogJudgement = {
  readonly verdict: Verdict;
  /** Required for UNKNOWN: `unknown-lines`, `unexplained-effects`, `silent`, `partial`. */
  readonly reason?: 'unknown-lines' | 'unexplained-effects' | 'silent' | 'partial';
  /** One line: what follows. */
  readonly summary: string;
  readonly findings: readonly LogFinding[];
};

const VERDICT_OF: Readonly<Record<Role, Verdict>> = {
  cause: 'FAIL',
  effect: 'FAIL',
  'unexplained-effect': 'UNKNOWN',
  noise: 'PASS',
  good: 'PASS',
};

type Known = { readonly hit: SignatureHit; readonly signature: Signature };

const idOf = ({ hit, signature }: Known): string =>
  `logs.${signature.id}${hit.cause === undefined || hit.cause === signature.cause ? '' : `.${hit.cause}`}`;

/** The signature that explains another one, following the chain upwards: an effect of an effect has the same cause. */
function explainedBy(known: Known, all: readonly Known[], path: readonly string[] = []): Known | undefined {
  for (const id of known.signature.effectOf ?? []) {
    if (path.includes(id) || id === known.signature.id) continue;
    const cause = all.find(({ signature }) => signature.id === id);
    if (cause !== undefined) return explainedBy(cause, all, [...path, known.signature.id]) ?? cause;
  }
  return undefined;
}

/** Further apart than this, lines belong to different occasions. */
const OCCASION_MS = 15 * 60_000;

/** Few a log and occasion, and nothing that follows from them: everyday life, such as a lost websocket at a rollout. */
function isOrdinary({ signature, hit }: Known, all: readonly Known[]): boolean {
  const { ordinary, id } = signature;
  if (ordinary === undefined || all.some((other) => other.signature.effectOf?.includes(id) === true)) return false;
  if (hit.count <= ordinary.upTo * Math.max(1, hit.sources.length)) return true;
  if (hit.first === undefined || hit.last === undefined) return false;
  const occasions = Math.ceil(hit.count / ordinary.upTo);
  return (Date.parse(hit.last) - Date.parse(hit.first)) / occasions >= OCCASION_MS;
}

function roleOf(known: Known, cause: Known | undefined, all: readonly Known[]): Role {
  const { signature, hit } = known;
  if (signature.kind === 'noise' || signature.kind === 'good') return signature.kind;
  if (isOrdinary(known, all)) return 'noise';
  if (cause !== undefined) return 'effect';
  return signature.kind === 'cause' && hit.cause !== undefined ? 'cause' : 'unexplained-effect';
}

function endOf({ signature, hit }: Known, all: readonly Known[]): string | undefined {
  const end = all.find((other) => other.signature.id === signature.endedBy)?.hit.last;
  return end !== undefined && hit.last !== undefined && end >= hit.last ? end : undefined;
}

function findingOf(known: Known, all: readonly Known[]): LogFinding {
  const { hit, signature } = known;
  const cause = explainedBy(known, all);
  const role = roleOf(known, cause, all);
  const endedAt = endOf(known, all);
  const { count } = hit;
  const { kind, ordinary } = signature;
  const ordinaryWords = role === 'noise' && kind === 'cause' ? `, ordinary at ${ordinary?.when}` : '';
  return {
    id: idOf(known),
    title: hit.cause ?? signature.id,
    verdict: VERDICT_OF[role],
    detail: `${count} ${count === 1 ? 'line' : 'lines'}${ordinaryWords}: ${hit.samples[0] ?? ''}`,
    ...(role === 'unexplained-effect' ? { reason: 'cause-not-in-log' } : {}),
    ...(signature.next === undefined ? {} : { hint: signature.next, next: signature.next }),
    signature: signature.id,
    component: signature.component,
    role,
    ...(hit.cause === undefined || role === 'noise' ? {} : { code: hit.cause, rootCause: rootCauseOf(hit.cause) }),
    ...(cause === undefined || role !== 'effect' ? {} : { causedBy: idOf(cause) }),
    ...(endedAt === undefined ? {} : { endedAt }),
    meaning: signature.meaning,
    source: signature.source,
    hit,
  };
}

const plural = (count: number, one: string): string => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;

/** The causes that explain most come first; then the earliest. */
function ordered(findings: readonly LogFinding[]): readonly LogFinding[] {
  const effects = (finding: LogFinding): readonly LogFinding[] =>
    findings.filter(({ causedBy, role }) => role === 'effect' && causedBy === finding.id);
  const withRole = (role: Role): readonly LogFinding[] => findings.filter((finding) => finding.role === role);
  const causes = [...withRole('cause'), ...withRole('unexplained-effect')].sort(
    (a, b) =>
      (a.role === b.role ? 0 : a.role === 'cause' ? -1 : 1) ||
      effects(b).length - effects(a).length ||
      (a.hit.first ?? '~').localeCompare(b.hit.first ?? '~') ||
      b.hit.count - a.hit.count,
  );
  return [...causes.flatMap((cause) => [cause, ...effects(cause)]), ...withRole('noise'), ...withRole('good')];
}

/** Whether the silence of a log says anything: it shows served requests, and warnings would have been written. */
function silenceCounts({ requests, levels }: LogEvidence): boolean {
  return requests > 0 && levels.trace + levels.debug + levels.info + levels.warn > 0;
}

/**
 * What follows from a log. Pure. FAIL when a cause is in it; PASS when every error-like line is known noise, or when
 * there is none and the log shows served requests at a level at which a warning would be seen; else UNKNOWN. `lacking`:
 * logs among several that tell nothing, in words; what the others show is then no PASS.
 */
export function judgeLogs(evidence: LogEvidence, lacking: readonly string[] = []): LogJudgement {
  const judged = judgeAll(evidence);
  if (judged.verdict !== 'PASS' || lacking.length === 0) return judged;
  const more = lacking.length > MOST_NAMED ? [`${lacking.length - MOST_NAMED} more`] : [];
  const names = [...lacking.slice(0, MOST_NAMED), ...more].join(', ');
  return { ...judged, verdict: 'UNKNOWN', reason: 'partial', summary: `${judged.summary}; but ${names}` };
}

const MOST_NAMED = 5;

function judgeAll(evidence: LogEvidence): LogJudgement {
  const known = evidence.hits.flatMap((hit): Known[] => {
    const signature = signatureOf(hit.signature);
    return signature === undefined ? [] : [{ hit, signature }];
  });
  const findings = ordered(known.map((one) => findingOf(one, known)));
  const causes = findings.filter(({ role }) => role === 'cause');
  const unexplained = findings.filter(({ role }) => role === 'unexplained-effect');
  const codes = [...new Set(causes.flatMap(({ code }) => code ?? []))];
  if (causes.length > 0) return { verdict: 'FAIL', summary: codes.join(', '), findings };
  if (unexplained.length > 0) {
    const summary = 'what follows from a fault is here, the fault itself is not';
    return { verdict: 'UNKNOWN', reason: 'unexplained-effects', summary, findings };
  }
  if (evidence.unknown.lines > 0) {
    const summary = `nothing known, and ${plural(evidence.unknown.lines, 'line')} that look like errors`;
    return { verdict: 'UNKNOWN', reason: 'unknown-lines', summary, findings };
  }
  const noise = findings.filter(({ role }) => role === 'noise').reduce((sum, { hit }) => sum + hit.count, 0);
  if (noise > 0) return { verdict: 'PASS', summary: `${plural(noise, 'line')} of known noise, nothing else`, findings };
  if (silenceCounts(evidence)) {
    const summary = `${plural(evidence.requests, 'request')} served, and no line that looks like an error`;
    return { verdict: 'PASS', summary, findings };
  }
  const why = evidence.requests > 0 ? 'warnings may not be written at its level' : 'it shows no served request';
  return { verdict: 'UNKNOWN', reason: 'silent', summary: `no line looks like an error, but ${why}`, findings };
}
