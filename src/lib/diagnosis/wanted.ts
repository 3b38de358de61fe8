import type { Runbook } from './runbook.ts';

/** What was chosen. `skipped` are ids that nobody may bring back. */
export type Choice = { readonly selected: Iterable<string>; readonly skipped?: readonly string[] };

/** Which probes of a runbook are asked. */
export type Wanted = {
  /** The selected ones, what they depend on, and what their judgements consider. */
  readonly ids: ReadonlySet<string>;
  /** The id of the skipped probe because of which this one cannot be asked: itself, or one that it depends on. */
  skippedFor(id: string): string | undefined;
};

/** Works out what is asked. A probe that cannot be asked brings no others in. */
export function wantedOf(runbook: Runbook, { selected, skipped = [] }: Choice): Wanted {
  const byId = new Map(runbook.probes.map((probe) => [probe.id, probe]));
  const skippedFor = (id: string): string | undefined => {
    if (skipped.includes(id)) return id;
    for (const other of byId.get(id)?.dependsOn ?? []) {
      const found = skippedFor(other);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const ids = new Set<string>();
  const add = (id: string): void => {
    if (ids.has(id) || skippedFor(id) !== undefined) return;
    ids.add(id);
    const { dependsOn = [], considers = [] } = byId.get(id) ?? {};
    for (const other of [...dependsOn, ...considers]) add(other);
  };
  for (const id of selected) add(id);
  return { ids, skippedFor };
}
