import type { Clients } from '../clients/clients.ts';
import type { AccessQuestion, KubernetesReads } from '../clients/kubernetes/client.ts';
import type { Verdict } from '../findings/finding.ts';
import type { Site } from '../site/site.ts';
import type { Forecast } from './forecast.ts';
import type { Json } from './json.ts';

/** The clients of a diagnosis. It is a guest: what could change something is left out by type. */
export type DiagnosisClients = Omit<Clients, 'prompt' | 'terragrunt' | 'kubernetes'> & {
  readonly kubernetes: KubernetesReads;
};

/** Options of one subject (hosts, user, since …), as the command line gave them. They are recorded with the evidence. */
export type SubjectOptions = { readonly [key: string]: Json };

/** What a question came back with. `reason` is a word such as `forbidden`, `timeout`, `blocked`; see no-answer.ts. */
export type EvidenceState<T = Json> =
  | { readonly state: 'answered'; readonly value: T }
  | { readonly state: 'no-answer'; readonly reason: string; readonly message: string };

/** Why there is no answer: a word, and a line. */
export type Missing = { readonly reason: string; readonly message: string };

/** Evidence of other probes, and when one's own was collected. Nothing else may enter a judgement. */
export type Given = {
  /** When this probe's evidence was collected; the same in a replay. */
  readonly at: Date;
  readonly options: SubjectOptions;
  /** Evidence of a probe in `dependsOn`: it is there, or this probe would not have been asked. */
  answer<T extends Json = Json>(id: string): T;
  /** Evidence of a probe in `dependsOn` or `considers`. Throws for any other id: a defect of the runbook. */
  evidence<T extends Json = Json>(id: string): EvidenceState<T>;
};

/** Everything that a probe may use to collect. */
export type Ask = {
  /** A client, made when it is first asked for; every call of one of its methods is counted as a request. */
  readonly client: <K extends keyof DiagnosisClients>(name: K) => Promise<DiagnosisClients[K]>;
  readonly site: Site;
  readonly options: SubjectOptions;
  readonly given: Pick<Given, 'answer' | 'evidence'>;
  /** What the last whole run left for this one (`Runbook.remember`). */
  readonly remembered?: SubjectOptions;
  /** Wall-clock time at which the probe started. */
  readonly now: Date;
  /** Aborted when the probe's time or the whole deadline is over, and by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The first of these rights that is missing, in words: `may not create pods/portforward in traefik`. */
  refused(questions: readonly AccessQuestion[]): Promise<string | undefined>;
  /** Where this machine keeps what one run has to know of the last; left out: nothing is kept. No evidence. */
  readonly stateFolder?: string;
  /** Tells who waits for the answer why it takes longer. No evidence. */
  readonly say?: (line: string) => void;
};

/** Something that was seen, in the words of the runbook's tables; `subject` says on what (a host, a pod). */
export type Observation = { readonly code: string; readonly subject?: string };

/** Direct evidence of a cause. `signature` is the finding code of a log signature that proves it. */
export type CauseEvidence = { readonly code: string; readonly signature?: string; readonly detail?: string };

/** How much was looked at: 124 of 159 claims. */
export type Coverage = { readonly measured: number; readonly of: number; readonly unit: string };

/** A dated fact. `at` is ISO 8601. */
export type TimelineEntry = { readonly at: string; readonly what: string };

/** When the trouble began. `orBefore`: nothing reaches further back; `note` says what does not: `start of the log`. */
export type Since = { readonly at: string; readonly orBefore?: boolean; readonly note?: string };

/** An alert that should have fired, and why it did not or could not. */
export type DetectionGap = { readonly alert: string; readonly why: string };

/** What a probe says about its evidence. */
export type Judgement = {
  readonly verdict: Verdict;
  /** One line: what was found, with units. */
  readonly detail: string;
  /** Needed for UNKNOWN and SKIP. */
  readonly reason?: string;
  /** Structured figures for `--json`. */
  readonly data?: Json;
  readonly observations?: readonly Observation[];
  /** Only what was seen directly; a conclusion from positions is the engine's. */
  readonly causes?: readonly CauseEvidence[];
  /** PASS with less measured than there is becomes UNKNOWN (partial). */
  readonly coverage?: Coverage;
  readonly forecast?: Forecast;
  readonly timeline?: readonly TimelineEntry[];
  readonly since?: Since;
  readonly gaps?: readonly DetectionGap[];
  /** A few lines as they were, already redacted. */
  readonly samples?: readonly string[];
};

/** What a probe costs whom: nothing but reads of the API and of logs, a request to an application, a program in a pod. */
export type ProbeKind = 'passive' | 'request' | 'exec';

/** One question to the platform: how to collect an answer, how to judge it, and the same in prose. */
export type Probe<E extends Json = Json> = {
  /** `subject.layer.thing`; stable. */
  readonly id: string;
  /** A few words, for tables: `outpost /dev/shm`. */
  readonly title: string;
  readonly layer: string;
  /** Probes whose evidence this one needs: without it this one is blocked, which is UNKNOWN and never FAIL. */
  readonly dependsOn?: readonly string[];
  /** Probes whose evidence the judgement (not `collect`) may use if there is any. */
  readonly considers?: readonly string[];
  /** What a second way needs, if it comes to that: asked by `collect` (`ask.refused`), and in `--print-role` too. */
  readonly wishes?: (site: Site) => readonly AccessQuestion[];
  /** What the cluster must allow. Asked first; a missing verb is UNKNOWN (forbidden). Also makes `--print-role`. */
  readonly needs?: (site: Site) => readonly AccessQuestion[];
  readonly kind: ProbeKind;
  /** For `--list`: `1 list of pods, a log stream a pod`. */
  readonly cost: string;
  /** Default 10 s. */
  readonly timeoutMs?: number;

  /** Prose of the runbook: the question, and why it is asked here. */
  readonly question: string;
  readonly why: string;
  /** The command that shows the same by hand, on this site. */
  readonly byHand: (site: Site) => string;
  readonly healthy: string;
  /** Every observation and every cause that `judge` can name, with its meaning. */
  readonly failures: readonly { readonly code: string; readonly meaning: string }[];

  /** Asks. What it throws as InfraError becomes UNKNOWN with a reason (`notConfigured` becomes SKIP), and is recorded too. */
  collect(ask: Ask): Promise<E>;
  /** Evidence to go on with when there was no answer, for those that stand on it; `judge` must say that it is old. */
  fallback?(missing: Missing, ask: Pick<Ask, 'site' | 'remembered'>): E | undefined;
  /** Pure: no clock, no client. */
  judge(evidence: E, given: Given): Judgement;
};
