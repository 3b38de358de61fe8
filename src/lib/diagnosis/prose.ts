import type { Site } from '../site/site.ts';
import { accessWords } from './access.ts';
import type { AlertRule, Cause, Remedy } from './cause.ts';
import { inOrder } from './next-steps.ts';
import type { Probe, ProbeKind } from './probe.ts';
import type { Runbook } from './runbook.ts';
import { anchorOf } from './select.ts';

/** One question of a runbook in words. `leadsTo` is the anchor of the cause that a failure is evidence of. */
export type QuestionProse = {
  readonly id: string;
  readonly anchor: string;
  readonly title: string;
  readonly layer: string;
  readonly kind: ProbeKind;
  readonly cost: string;
  readonly question: string;
  readonly why: string;
  readonly command: string;
  readonly healthy: string;
  readonly failures: readonly { readonly code: string; readonly meaning: string; readonly leadsTo?: string }[];
  readonly needs: readonly string[];
};

/** One cause in words. */
export type CauseProse = {
  readonly code: string;
  readonly anchor: string;
  readonly title: string;
  readonly layer: string;
  /** Observations and causes that follow from it, in the words of the questions where there are any. */
  readonly explains: readonly { readonly code: string; readonly meaning?: string }[];
  readonly seenBy: readonly { readonly title: string; readonly anchor: string }[];
  readonly remedies: readonly Remedy[];
  readonly alerts: readonly AlertRule[];
};

/** A runbook as something to read, made from the very probes that `infra diagnose` asks. */
export type RunbookProse = {
  readonly subject: string;
  readonly title: string;
  readonly introduction: string;
  readonly questions: readonly QuestionProse[];
  readonly causes: readonly CauseProse[];
};

/** The runbook in words; commands are those of this site. */
export function proseOf(runbook: Runbook, site: Site): RunbookProse {
  const layers = new Map(runbook.layers.map(({ id, title }) => [id, title]));
  const layerOf = (id: string): string => layers.get(id) ?? id;
  const codes = new Set(runbook.causes.map(({ code }) => code));
  return {
    subject: runbook.subject,
    title: runbook.title,
    introduction: runbook.introduction,
    questions: runbook.probes.map((probe) => ({
      ...questionOf(probe, site),
      layer: layerOf(probe.layer),
      failures: probe.failures.map(({ code, meaning }) => ({
        ...{ code, meaning },
        ...(codes.has(code) ? { leadsTo: anchorOf(code) } : {}),
      })),
    })),
    causes: runbook.causes.map((cause) => causeOf(cause, runbook, layerOf(cause.layer))),
  };
}

function questionOf(probe: Probe, site: Site): Omit<QuestionProse, 'layer' | 'failures'> {
  const { id, title, kind, cost, question, why, healthy, needs, byHand } = probe;
  return {
    ...{ id, title, kind, cost, question, why, healthy },
    anchor: anchorOf(id),
    command: byHand(site),
    needs: (needs?.(site) ?? []).map(accessWords),
  };
}

function causeOf(cause: Cause, { probes, causes }: Runbook, layer: string): CauseProse {
  const meanings = new Map(probes.flatMap(({ failures }) => failures.map(({ code, meaning }) => [code, meaning])));
  for (const { code, title } of causes) meanings.set(code, title);
  const { code, title, explains, alerts = [] } = cause;
  return {
    ...{ code, title, layer, alerts },
    anchor: anchorOf(code),
    explains: explains.map((one) => {
      const meaning = meanings.get(one);
      return { code: one, ...(meaning === undefined ? {} : { meaning }) };
    }),
    seenBy: probes
      .filter(({ failures }) => failures.some((failure) => failure.code === code))
      .map((probe) => ({ title: probe.title, anchor: anchorOf(probe.id) })),
    remedies: inOrder(cause.remedies()),
  };
}

/**
 * The part of a runbook that an anchor names: `authentik-outpost-shm-full`, or only the end of it, `shm-full`, or an id.
 * Undefined when nothing, or more than one thing, is called so.
 */
export function partOf(prose: RunbookProse, anchor: string): RunbookProse | undefined {
  const wanted = anchorOf(anchor);
  const all = [...prose.questions, ...prose.causes].map((one) => one.anchor);
  const found = all.includes(wanted) ? [wanted] : all.filter((one) => one.endsWith(`-${wanted}`));
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) return undefined;
  return {
    ...prose,
    questions: prose.questions.filter((one) => one.anchor === only),
    causes: prose.causes.filter((one) => one.anchor === only),
  };
}
