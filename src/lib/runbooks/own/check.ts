import { type Cel, templateParts } from './expression.ts';
import type { OwnRunbook } from './schema.ts';

/** Something that a schema cannot tell: where in the document, and what. */
export type Fault = { readonly path: readonly PropertyKey[]; readonly text: string };

/** What does not fit together in a runbook whose parts are each right. */
export function inconsistencies(runbook: OwnRunbook, reserved: readonly string[], cel: Cel): readonly Fault[] {
  const { subject, layers, probes, causes } = runbook;
  const faults: Fault[] = [];
  const fault = (text: string, ...path: readonly PropertyKey[]): void => void faults.push({ path, text });
  const known = new Set(layers.map(({ id }) => id));
  const ids = probes.map(({ id }) => id);
  const codes = new Set(causes.map(({ code }) => code));
  if (reserved.includes(subject)) fault(`"${subject}" is a subject of infra itself; choose another word`, 'subject');
  for (const [at, probe] of probes.entries()) {
    const here = ['probes', at] as const;
    if (!probe.id.startsWith(`${subject}.`)) fault(`must begin with "${subject}."`, ...here, 'id');
    if (ids.indexOf(probe.id) !== at) fault(`"${probe.id}" stands here twice`, ...here, 'id');
    if (!known.has(probe.layer)) fault(`"${probe.layer}" is none of the layers`, ...here, 'layer');
    for (const [index, id] of probe.dependsOn.entries()) {
      // Only what stands above: then nothing can wait for itself.
      if (!ids.slice(0, at).includes(id)) fault(`"${id}" is no probe above this one`, ...here, 'dependsOn', index);
    }
    for (const [name, source] of Object.entries(probe.log?.patterns ?? {})) {
      const problem = regexProblem(source);
      if (problem !== undefined) fault(problem, ...here, 'log', 'patterns', name);
    }
    for (const [index, { when, detail, cause }] of probe.judge.entries()) {
      const rule = [...here, 'judge', index] as const;
      const problem = when === undefined ? undefined : cel.problem(when);
      if (problem !== undefined) fault(`is no CEL: ${problem}`, ...rule, 'when');
      for (const { source } of templateParts(detail)) {
        const wrong = source === undefined ? undefined : cel.problem(source);
        if (wrong !== undefined) fault(`{{ ${source} }} is no CEL: ${wrong}`, ...rule, 'detail');
      }
      if (cause !== undefined && !codes.has(cause)) fault(`"${cause}" is none of the causes`, ...rule, 'cause');
    }
    if (probe.judge.at(-1)?.when !== undefined)
      fault(
        'the last rule must hold always (no "when"), or an answer could be left without a verdict',
        ...here,
        'judge',
      );
  }
  for (const [at, { code, layer }] of causes.entries()) {
    if (!known.has(layer)) fault(`"${layer}" is none of the layers`, 'causes', at, 'layer');
    if (causes.findIndex((other) => other.code === code) !== at)
      fault(`"${code}" stands here twice`, 'causes', at, 'code');
  }
  return faults;
}

function regexProblem(source: string): string | undefined {
  try {
    new RegExp(source, 'i');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'is no regular expression';
  }
}
