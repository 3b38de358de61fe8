import { at, type KubeObject, type ResourceType } from './object.ts';

/** A test over objects, or the text of what is wrong with the selector. */
export type Selector = ((object: KubeObject) => boolean) | { readonly error: string };

/** Parses a label selector: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. */
export function labelSelector(text: string): Selector {
  const tests: ((labels: Readonly<Record<string, string>>) => boolean)[] = [];
  for (const part of splitOutsideBrackets(text)) {
    const set = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
    const equality = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(part);
    const exists = /^(!?)\s*([\w./-]+)$/.exec(part);
    if (set !== null) {
      const [, key = '', word, values = ''] = set;
      const wanted = values.split(',').map((value) => value.trim());
      tests.push((labels) => wanted.includes(labels[key] ?? '\u0000') === (word === 'in'));
    } else if (equality !== null) {
      const [, key = '', sign, value = ''] = equality;
      tests.push((labels) => (labels[key] === value) === (sign !== '!='));
    } else if (exists !== null) {
      const [, not, key = ''] = exists;
      tests.push((labels) => (labels[key] !== undefined) === (not === ''));
    } else {
      return { error: `unable to parse requirement: found '${part}'` };
    }
  }
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  events: ['involvedObject', 'reason', 'reportingComponent', 'source', 'type'],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  secrets: ['type'],
  jobs: ['status.successful'],
};

/** Parses a field selector; each resource knows only some fields. Every field path is compared as text; an absent field is empty. */
export function fieldSelector(type: ResourceType, text: string): Selector {
  const tests: ((object: KubeObject) => boolean)[] = [];
  for (const part of text.split(',').filter((each) => each !== '')) {
    const match = /^([\w.]+)(==|=|!=)(.*)$/.exec(part);
    if (match === null) return { error: `invalid field selector "${text}"; can't understand '${part}'` };
    const [, path = '', sign, value] = match;
    const known = ['metadata.name', 'metadata.namespace', ...(FIELDS[type.plural] ?? [])];
    if (!known.some((each) => path === each || path.startsWith(`${each}.`))) {
      const own = FIELDS[type.plural] !== undefined;
      const listed = known.map((each) => `"${each}"`).join(', ');
      return {
        error: own ? `field label not supported: ${path}` : `"${path}" is not a known field selector: only ${listed}`,
      };
    }
    const steps = path.split('.');
    tests.push((object) => {
      const found = at(object, ...steps);
      return ((found === undefined ? '' : String(found)) === value) === (sign !== '!=');
    });
  }
  return (object) => tests.every((test) => test(object));
}

function splitOutsideBrackets(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
