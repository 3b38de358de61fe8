import type { Runbook } from './runbook.ts';
import { anchorOf } from './select.ts';

/**
 * What is wrong with a runbook as it is written; empty when nothing is. For tests of built-in runbooks, and for runbooks
 * that a site brings: names that are used twice or point nowhere, causes that nothing can prove, circles.
 */
export function faultsOf(runbook: Runbook): readonly string[] {
  const { probes, causes, layers, subject } = runbook;
  const ids = probes.map(({ id }) => id);
  const codes = causes.map(({ code }) => code);
  const layerIds = new Set(layers.map(({ id }) => id));
  const provable = new Set(probes.flatMap(({ failures }) => failures.map(({ code }) => code)));
  const anchors = [...ids, ...codes].map(anchorOf);
  return [
    ...twice(anchors).map((anchor) => `${anchor} names two things`),
    ...(probes.length === 0 ? ['there is no probe'] : []),
    ...probes.flatMap(({ id, layer, dependsOn = [], considers = [] }) => [
      ...(id.startsWith(`${subject}.`) && /^[a-z0-9-]+(\.[a-z0-9-]+){2,}$/.test(id)
        ? []
        : [`${id} is not ${subject}.layer.thing`]),
      ...(layerIds.has(layer) ? [] : [`${id} is in the layer ${layer}, which is not listed`]),
      ...[...dependsOn, ...considers]
        .filter((other) => !ids.includes(other))
        .map((other) => `${id} needs ${other}, which does not exist`),
    ]),
    ...circles(runbook).map((id) => `${id} depends on itself`),
    ...causes.flatMap(({ code, layer, remedies, explains }) => [
      ...(layerIds.has(layer) ? [] : [`${code} is in the layer ${layer}, which is not listed`]),
      ...(provable.has(code) ? [] : [`no probe lists ${code} among its failures`]),
      ...(explains.length === 0 ? [`${code} explains nothing, so it can never be confirmed`] : []),
      ...explains
        .filter((one) => !provable.has(one) && !codes.includes(one))
        .map((one) => `${code} explains ${one}, which nothing observes`),
      ...(remedies().length === 0 ? [`${code} has no remedy`] : []),
    ]),
  ];
}

const twice = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

function circles({ probes }: Runbook): readonly string[] {
  const next = new Map(probes.map(({ id, dependsOn = [] }) => [id, dependsOn]));
  const reaches = (from: string, to: string, visited: Set<string>): boolean =>
    (next.get(from) ?? []).some((one) => {
      if (one === to) return true;
      if (visited.has(one)) return false;
      visited.add(one);
      return reaches(one, to, visited);
    });
  return probes.map(({ id }) => id).filter((id) => reaches(id, id, new Set()));
}
