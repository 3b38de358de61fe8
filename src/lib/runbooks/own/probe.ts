import type { Json } from '../../diagnosis/json.ts';
import type { Ask, Probe } from '../../diagnosis/probe.ts';
import type { Cel } from './expression.ts';
import { makeJudge } from './judge.ts';
import { dns } from './kinds/dns.ts';
import { exec } from './kinds/exec.ts';
import { http } from './kinds/http.ts';
import type { Kind } from './kinds/kind.ts';
import { kubernetes } from './kinds/kubernetes.ts';
import { log } from './kinds/log.ts';
import { promql } from './kinds/promql.ts';
import { tcp } from './kinds/tcp.ts';
import { vault } from './kinds/vault.ts';
import { KIND_NAMES, type KindName, type KindOptions, type OwnProbe } from './schema.ts';

const KINDS: { readonly [K in KindName]: Kind<KindOptions<K>> } = {
  ...{ log, http, kubernetes, exec, dns, tcp, promql, vault },
};

/** A probe of the site as the engine asks it. Its rules have been checked. */
export function makeProbe(own: OwnProbe, cel: Cel): Probe {
  const { id, title, layer, dependsOn, question, why, healthy, byHand, timeoutSeconds, judge } = own;
  const bound = bind(own);
  const say = makeJudge(judge, cel);
  return {
    ...{ id, title, layer, dependsOn, question, why, healthy },
    byHand: () => byHand,
    kind: bound.kind,
    cost: bound.cost,
    needs: () => bound.needs,
    ...(timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1000 }),
    failures: judge.flatMap(({ observation, cause, detail }) =>
      [observation, cause].flatMap((code) => (code === undefined ? [] : [{ code, meaning: detail }])),
    ),
    collect: bound.collect,
    judge(evidence) {
      const coverage = bound.coverage?.(evidence);
      return { ...say(evidence), ...(coverage === undefined ? {} : { coverage }) };
    },
  };
}

type Bound = Pick<Kind<never>, 'kind' | 'cost' | 'coverage'> & {
  readonly needs: ReturnType<Kind<never>['needs']>;
  readonly collect: (ask: Ask) => Promise<Json>;
};

/** The one way in which a probe asks, with its options. */
function bind(own: OwnProbe): Bound {
  for (const name of KIND_NAMES) {
    const bound = bindKind(name, own);
    if (bound !== undefined) return bound;
  }
  throw new Error(`${own.id} asks in no way; the schema has let it through`);
}

function bindKind<K extends KindName>(name: K, own: OwnProbe): Bound | undefined {
  const options = own[name] as KindOptions<K> | undefined;
  if (options === undefined) return undefined;
  const { kind, cost, needs, collect, coverage } = KINDS[name];
  const bound = { kind, cost, needs: needs(options), collect: (ask: Ask) => collect(options, ask) };
  return coverage === undefined ? bound : { ...bound, coverage };
}
