/**
 * A platform of faults that cause each other and of symptoms, drawn at random, and a runbook that asks it over one
 * client. What is true is known here, so that properties of the engine can be checked against it.
 */
import * as fc from 'fast-check';
import type { Http, HttpAnswer } from '../../../src/lib/clients/http/client.ts';
import type { Cause } from '../../../src/lib/diagnosis/cause.ts';
import type { DiagnosisClients, Probe } from '../../../src/lib/diagnosis/probe.ts';
import type { Runbook } from '../../../src/lib/diagnosis/runbook.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

/** How the client fails for one probe. */
export type Withheld = 'forbidden' | 'hang' | 'empty' | 'html' | 'reset';
export const WAYS: readonly Withheld[] = ['forbidden', 'hang', 'empty', 'html', 'reset'];

type Seen = { readonly causes: readonly string[]; readonly symptoms: readonly string[] };

/** A drawn platform: which cause leads to which, who can see what, and what is broken. */
export type Platform = {
  readonly runbook: Runbook;
  /** The faults that no other fault explains. */
  readonly roots: ReadonlySet<string>;
  /** What each probe would be told. */
  readonly truth: ReadonlyMap<string, Seen>;
};

const COUNT = 5;
const LAYERS = ['a', 'b', 'c'] as const;
const indices = Array.from({ length: COUNT }, (_, index) => index);

/** Faults lead only to later ones, so that nothing leads to itself; layers are drawn freely. */
export const platforms: fc.Arbitrary<Platform> = fc
  .record({
    layers: fc.array(fc.constantFrom(...LAYERS), { minLength: COUNT, maxLength: COUNT }),
    leads: fc.array(fc.array(fc.boolean(), { minLength: COUNT, maxLength: COUNT }), {
      minLength: COUNT,
      maxLength: COUNT,
    }),
    shared: fc.array(fc.boolean(), { minLength: COUNT, maxLength: COUNT }),
    provers: fc.array(fc.subarray([0, 1, 2], { minLength: 1 }), { minLength: COUNT, maxLength: COUNT }),
    broken: fc.subarray(indices),
  })
  .map(({ layers, leads, shared, provers, broken }) => {
    const next = (index: number): readonly number[] =>
      indices.filter((other) => other > index && leads[index]?.[other] === true);
    const reached = (index: number): readonly number[] => [index, ...next(index).flatMap(reached)];
    const there = new Set(broken.flatMap(reached));
    const roots = [...there].filter(
      (index) => ![...there].some((other) => other !== index && reached(other).includes(index)),
    );
    const symptoms = (index: number): readonly string[] => [
      `s${index}`,
      ...(shared[index] === true ? ['s-shared'] : []),
    ];
    const causes = indices.map(
      (index): Cause => ({
        code: `c${index}`,
        layer: layers[index] ?? 'a',
        title: `c${index} is broken`,
        explains: [...symptoms(index), ...next(index).map((other) => `c${other}`)],
        remedies: () => [{ phase: 'now', text: 'mend it', risk: 'write' }],
      }),
    );
    const observed = new Set([...there].flatMap(symptoms));
    const truth = new Map<string, Seen>();
    const prover = (slot: number, layer: string): Probe => {
      const id = `t.${layer}.prover${slot}`;
      const mine = indices.filter((index) => layers[index] === layer && provers[index]?.includes(slot) === true);
      truth.set(id, { causes: mine.filter((index) => there.has(index)).map((index) => `c${index}`), symptoms: [] });
      return asking(
        id,
        mine.map((index) => `c${index}`),
      );
    };
    const observer = (name: string): Probe => {
      const id = `t.c.${name}`;
      truth.set(id, { causes: [], symptoms: observed.has(name) ? [name] : [] });
      return asking(id, [name]);
    };
    const probes = [
      ...LAYERS.flatMap((layer) => [0, 1, 2].map((slot) => prover(slot, layer))),
      ...[...indices.map((index) => `s${index}`), 's-shared'].map(observer),
    ];
    const runbook = tinyRunbook(probes, { layers: LAYERS.map((id) => ({ id, title: id })), causes });
    return { runbook, truth, roots: new Set(roots.map((index) => `c${index}`)) };
  });

/** A probe that asks over HTTP and takes nothing but a whole answer for one. */
function asking(id: string, codes: readonly string[]): Probe {
  return tinyProbe(id, {
    kind: 'request',
    failures: codes.map((code) => ({ code, meaning: `${code}.` })),
    collect: async ({ client }) => {
      const { body } = await (await client('http')).json({ method: 'GET', url: `http://localhost/${id}` });
      if (body === undefined) throw new InfraError('http.empty', 'unavailable', 'The answer was empty.');
      return body as Seen;
    },
    judge: (evidence) => {
      const { causes, symptoms } = evidence as Seen;
      const isFine = causes.length + symptoms.length === 0;
      const detail = isFine ? 'fine' : [...causes, ...symptoms].join(', ');
      return {
        ...{ verdict: isFine ? 'PASS' : 'FAIL', detail },
        observations: symptoms.map((code) => ({ code })),
        causes: causes.map((code) => ({ code })),
      };
    },
  });
}

/** The client of a platform that withholds the answers to some probes. `turn` lets each answer wait. */
export function clientOf(
  { truth }: Platform,
  withheld: ReadonlyMap<string, Withheld> = new Map(),
  turn: (id: string) => Promise<void> = async () => {},
): Partial<DiagnosisClients> {
  const json = async ({ url }: { readonly url: string }): Promise<HttpAnswer> => {
    const id = new URL(url).pathname.slice(1);
    await turn(id);
    const way = withheld.get(id);
    if (way === 'hang') await new Promise(() => {});
    if (way === 'forbidden') throw new InfraError('http.denied', 'denied', 'It answered 403.');
    if (way === 'html') throw new InfraError('http.not-json', 'unavailable', 'It answered 200 with <html>.');
    if (way === 'reset') throw new InfraError('http.unreachable', 'unavailable', 'The connection was reset.');
    return { status: 200, body: way === 'empty' ? undefined : truth.get(id) };
  };
  return { http: { json } satisfies Http };
}
