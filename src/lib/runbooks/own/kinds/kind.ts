import type { AccessQuestion } from '../../../clients/kubernetes/client.ts';
import type { Json } from '../../../diagnosis/json.ts';
import type { Ask, Coverage, ProbeKind } from '../../../diagnosis/probe.ts';

/** One way to ask: what it costs, what it needs, and how it is done. `evidence` is what CEL sees. */
export type Kind<Options> = {
  readonly kind: ProbeKind;
  readonly cost: string;
  readonly needs: (options: Options) => readonly AccessQuestion[];
  readonly collect: (options: Options, ask: Ask) => Promise<Json>;
  /** Where a way to ask has a limit: how much of what there is was asked. */
  readonly coverage?: (evidence: Json) => Coverage | undefined;
};
