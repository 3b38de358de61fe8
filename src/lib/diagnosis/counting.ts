import type { Ask } from './probe.ts';

/** Clients whose calls reach nobody. */
const SILENT: ReadonlySet<string> = new Set(['clock', 'files', 'tokens']);

/** The same clients; each call of a method adds one to `requests` under the client's name. */
export function countingClient(client: Ask['client'], requests: Map<string, number>): Ask['client'] {
  return async (name) => {
    const made = await client(name);
    return SILENT.has(name) ? made : counting(made, () => requests.set(name, (requests.get(name) ?? 0) + 1));
  };
}

function counting<T extends object>(client: T, count: () => void): T {
  return new Proxy(client, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown => {
        count();
        return Reflect.apply(member, target, args);
      };
    },
  });
}
