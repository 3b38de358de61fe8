import { badOutput } from './versions.ts';

/** What identifies a state, and how many objects it manages. */
export type StateSummary = { readonly serial: number; readonly lineage: string; readonly resources: number };

/** The summary of a state document; `terragrunt.bad-output` when it is none. */
export function summarise(state: unknown, what: string): StateSummary {
  const { serial, lineage, resources } = (state ?? {}) as { serial?: unknown; lineage?: unknown; resources?: unknown };
  if (typeof serial !== 'number' || typeof lineage !== 'string' || !Array.isArray(resources))
    throw badOutput(what, 'a state');
  const managed = resources.filter((each) => each?.mode === 'managed');
  const instances = managed.map((each) => (Array.isArray(each.instances) ? each.instances.length : 0));
  return { serial, lineage, resources: instances.reduce((sum, count) => sum + count, 0) };
}
