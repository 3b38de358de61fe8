import * as z from 'zod';
import type { Diagnosis } from './diagnosis.ts';
import type { SubjectOptions } from './probe.ts';

const lastRunSchema = z.object({
  format: z.literal('infra-diagnosis/1'),
  at: z.string(),
  rootCause: z.string().optional(),
  findings: z.array(z.object({ id: z.string(), verdict: z.string() })),
  remembered: z.record(z.string(), z.json()).optional(),
});

/** What is kept of a run, to tell what changes: words that do not flap, no figures; and what the next one may go on with. */
export type LastRun = Omit<z.infer<typeof lastRunSchema>, 'remembered'> & {
  readonly remembered?: SubjectOptions | undefined;
};

/** One difference. `id` is a finding's, or `rootCause`. */
export type Change = { readonly id: string; readonly before?: string; readonly after?: string };

/** What to keep of this run; what it could not find out itself, it keeps of the one before. */
export function lastRunOf({ at, rootCause, findings, ...own }: Diagnosis, before?: LastRun): LastRun {
  const remembered = own.remembered ?? before?.remembered;
  const told = findings.filter(({ reason }) => reason !== 'not-selected');
  return {
    format: 'infra-diagnosis/1',
    at,
    ...(rootCause === undefined ? {} : { rootCause: rootCause.code ?? rootCause.confidence }),
    findings: told.map(({ id, verdict, reason }) => ({
      id,
      verdict: reason === undefined ? verdict : `${verdict} (${reason})`,
    })),
    ...(remembered === undefined ? {} : { remembered }),
  };
}

/** What was kept, or undefined when it cannot be read: then there is nothing to compare with. */
export function parseLastRun(text: string): LastRun | undefined {
  try {
    return lastRunSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The differences, the root cause first, then in the order of the findings. */
export function changesBetween(before: LastRun, after: LastRun): readonly Change[] {
  const old = new Map(before.findings.map(({ id, verdict }) => [id, verdict]));
  const now = new Map(after.findings.map(({ id, verdict }) => [id, verdict]));
  const ids = [...now.keys(), ...[...old.keys()].filter((id) => !now.has(id))];
  return [
    change('rootCause', before.rootCause, after.rootCause),
    ...ids.map((id) => change(id, old.get(id), now.get(id))),
  ].flat();
}

function change(id: string, before: string | undefined, after: string | undefined): readonly Change[] {
  if (before === after) return [];
  return [{ id, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}
