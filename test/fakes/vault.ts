import type { KvRead, Vault } from '../../src/lib/clients/vault/client.ts';
import { InfraError } from '../../src/lib/errors.ts';
import { insertMember, memberText, replaceMember } from '../../src/lib/users/json-text.ts';

type Record_ = Readonly<Record<string, unknown>>;

/** What a test may change while the code under test runs. */
export type FakeVault = Vault & {
  /** KV secrets by path. */
  readonly kv: Map<string, KvRead>;
  /** What `read`, and `write` for look-ups, answers by API path; an InfraError is thrown. */
  readonly data: Map<string, Record_ | InfraError>;
  /** What `list` answers by API path. */
  readonly lists: Map<string, readonly string[] | InfraError>;
  /** Called before each call, with its name and path; throws to fail it. */
  before: (call: string, path: string) => void | Promise<void>;
  /** Every call, as `name path`. */
  readonly calls: string[];
  /** Sets a secret from JSON text, as another writer would; returns the version. */
  put(path: string, text: string): number;
};

/** A Vault in memory: KV v2 with versions and compare-and-set; everything else is what the test puts in. */
export function fakeVault(): FakeVault {
  const kv = new Map<string, KvRead>();
  const vault: FakeVault = {
    address: 'http://127.0.0.1:8200',
    kv,
    data: new Map(),
    lists: new Map(),
    calls: [],
    before: () => {},
    put(path, text) {
      const found = kv.get(path);
      const version = (found !== undefined && 'version' in found ? found.version : 0) + 1;
      kv.set(path, { state: 'present', version, data: JSON.parse(text), text });
      return version;
    },
    tokenSource: async () => 'VAULT_TOKEN',
    loginToken: async () => undefined,
    health: async () => ({
      initialized: true,
      sealed: false,
      standby: false,
      version: '1.18.1',
      clusterId: 'c',
      clusterName: 'c',
    }),
    tokenSelf: async () => ({
      displayName: 'root',
      ttlSeconds: 0,
      renewable: false,
      policies: ['root'],
      entityId: undefined,
    }),
    capabilities: async (paths) => Object.fromEntries(paths.map((path) => [path, ['root']])),
    kvRead: (path) => call('kvRead', path, () => kv.get(path) ?? { state: 'absent' }),
    kvPatch: (path, data, cas) =>
      call('kvPatch', path, () =>
        change(path, cas, (text) =>
          Object.entries(data).reduce(
            (all, [key, value]) =>
              memberText(all, key) === undefined
                ? insertMember(all, key, JSON.stringify(value))
                : replaceMember(all, key, JSON.stringify(value)),
            text,
          ),
        ),
      ),
    kvReplace: (path, text, cas) => call('kvReplace', path, () => change(path, cas, () => text)),
    kvPut: (path, data, cas) => call('kvPut', path, () => change(path, cas, () => JSON.stringify(data))),
    kvExists: (path) => call('kvExists', path, () => kv.has(path)),
    kvList: (path) => call('kvList', path, () => answer(vault.lists, path)),
    list: (path) => call('list', path, () => answer(vault.lists, path)),
    read: (path) => call('read', path, () => answer(vault.data, path)),
    write: (path) => call('write', path, () => answer(vault.data, path)),
  };

  async function call<T>(name: string, path: string, work: () => T): Promise<T> {
    vault.calls.push(`${name} ${path}`);
    await vault.before(name, path);
    return work();
  }

  function change(path: string, cas: number, edit: (text: string) => string): number {
    const found = kv.get(path);
    const version = found !== undefined && 'version' in found ? found.version : 0;
    if (version !== cas)
      throw new InfraError('vault.cas-lost', 'busy', `${path} is at version ${version}, not ${cas}.`);
    return vault.put(path, edit(found?.state === 'present' ? found.text : '{}'));
  }

  return vault;
}

function answer<T>(map: ReadonlyMap<string, T | InfraError>, path: string): T | undefined {
  const found = map.get(path);
  if (found instanceof InfraError) throw found;
  return found;
}
