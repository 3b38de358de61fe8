import type { NamedObject } from '../source/kubernetes-objects.ts';
import { objectsOf } from '../source/kubernetes-objects.ts';
import type { ModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import type { Edge } from './graph.ts';

type Owned = { readonly stack: Stack; readonly objects: readonly NamedObject[] };

const isSecret = ({ type }: NamedObject): boolean => /^kubernetes_secret(_v1)?$/.test(type);
/** `namespace` of a resource of another provider is something else, such as a namespace of Vault. */
const isPut = ({ kind, type }: NamedObject): boolean => kind === 'resource' && /^(kubernetes|helm|kubectl)_/.test(type);
const isNamespace = ({ type }: NamedObject): boolean => /^kubernetes_namespace(_v1)?$/.test(type);

/**
 * What stacks need of each other without saying so, from the text of their modules: the namespaces that vault makes of
 * the users for all who read them, Secrets that one declares and another looks up at plan time, namespaces that one
 * declares and another puts objects into. What the declared edges imply already is left out. Errors: those of `Files`.
 */
export async function implicitEdges(
  modules: ModuleReader,
  stacks: readonly Stack[],
  usersKey: string,
): Promise<readonly Edge[]> {
  const live = stacks.filter((stack) => stack.scaffold !== true);
  const owned = await Promise.all(
    live.map(async (stack): Promise<Owned> => ({ stack, objects: await objectsOf(modules, stack.folder) })),
  );
  const secrets = secretEdges(owned);
  const found = [...usersEdges(live, usersKey), ...secrets, ...tokenEdge(live, secrets), ...namespaceEdges(owned)];
  const declares = declaredOrder(live);
  const seen = new Set<string>();
  return found.filter((edge) => {
    const key = JSON.stringify([edge.from, edge.to, edge.source]);
    if (seen.has(key) || edge.from === edge.to || declares(edge.from, edge.to)) return false;
    seen.add(key);
    return true;
  });
}

/** vault makes the namespaces of the users; whoever else reads the users puts something into them. */
function usersEdges(stacks: readonly Stack[], key: string): readonly Edge[] {
  const vault = stacks.find((stack) => stack.name === 'vault' && stack.readsUsers);
  if (vault === undefined) return [];
  return stacks
    .filter((stack) => stack.readsUsers && stack !== vault)
    .map(({ name }) => ({
      from: name,
      to: 'vault',
      source: 'users',
      because: `reads ${key}, whose namespaces vault makes`,
    }));
}

/**
 * The dashboard's stack looks up a token for each user; where its name is computed the text does not tell who makes it,
 * and on this platform that is rbac.
 */
function tokenEdge(stacks: readonly Stack[], known: readonly Edge[]): readonly Edge[] {
  const [from, to] = ['k8s-dashboard', 'rbac'];
  const areThere = [from, to].every((name) => stacks.some((stack) => stack.name === name && stack.readsUsers));
  if (!areThere || known.some((edge) => edge.from === from && edge.to === to)) return [];
  return [{ from, to, source: 'secret', because: 'looks up the tokens that rbac makes' }];
}

function secretEdges(owned: readonly Owned[]): readonly Edge[] {
  const declared = owned.flatMap(({ stack, objects }) =>
    objects.filter((each) => each.kind === 'resource' && isSecret(each)).map((object) => ({ stack, object })),
  );
  return owned.flatMap(({ stack, objects }) => {
    const reads = objects.filter((each) => each.kind === 'data' && isSecret(each) && isTelling(each.name));
    return reads.flatMap((read): Edge[] => {
      const makers = new Set(declared.filter(({ object }) => isSame(read, object)).map((maker) => maker.stack.name));
      const [maker, another] = [...makers];
      // Made by itself, by nobody, or by several in namespaces that are not known: no edge is better than a guess.
      if (makers.has(stack.name) || maker === undefined || another !== undefined) return [];
      return [
        { from: stack.name, to: maker, source: 'secret', because: `looks up the Secret ${read.name} when planned` },
      ];
    });
  });
}

function isSame(read: NamedObject, made: NamedObject): boolean {
  const known = [read.namespace, made.namespace].every((name) => isTelling(name) && !name?.includes('*'));
  return read.name === made.name && (!known || read.namespace === made.namespace);
}

/** A name of nothing but what is computed says nothing. */
function isTelling(name: string | undefined): name is string {
  return name !== undefined && /[^*]/.test(name);
}

function namespaceEdges(owned: readonly Owned[]): readonly Edge[] {
  const owners = new Map<string, Set<string>>();
  for (const { stack, objects } of owned) {
    for (const { name } of objects.filter((each) => each.kind === 'resource' && isNamespace(each))) {
      if (name !== undefined && !name.includes('*')) owners.set(name, (owners.get(name) ?? new Set()).add(stack.name));
    }
  }
  return owned.flatMap(({ stack, objects }) => {
    const used = new Set(objects.filter(isPut).flatMap(({ namespace }) => namespace ?? []));
    return [...used].flatMap((namespace): Edge[] => {
      const makers = owners.get(namespace);
      const [maker, another] = [...(makers ?? [])];
      if (makers?.has(stack.name) === true || maker === undefined || another !== undefined) return [];
      return [
        { from: stack.name, to: maker, source: 'namespace', because: `puts objects into the namespace ${namespace}` },
      ];
    });
  });
}

function declaredOrder(stacks: readonly Stack[]): (from: string, to: string) => boolean {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const known = new Map<string, ReadonlySet<string>>();
  const ancestors = (name: string): ReadonlySet<string> => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const seen = new Set<string>();
    const open = [...(byName.get(name)?.dependencies ?? [])];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...(byName.get(at)?.dependencies ?? []));
    }
    known.set(name, seen);
    return seen;
  };
  return (from, to) => ancestors(from).has(to);
}
