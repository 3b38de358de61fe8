import type { Clients } from '../../clients/clients.ts';
import type { Kind, KubernetesObject } from '../../clients/kubernetes/client.ts';
import type { Site } from '../../site/site.ts';
import type { AuthentikGroup } from '../authentik.ts';
import { authentikApi, listGroups } from '../authentik.ts';
import type { JsonApi } from '../json-api.ts';
import { asRecord } from '../json-api.ts';

/** The clients that verification asks. */
export type VerifyClients = Pick<Clients, 'vault' | 'kubernetes' | 'files' | 'http' | 'tokens'>;

type Data = Readonly<Record<string, unknown>>;

/**
 * The platform as one verification sees it: each question is asked once, however many objects and users need the
 * answer, so that all findings speak of the same moment.
 */
export type Platform = {
  readonly clients: VerifyClients;
  readonly site: Site;
  /** A read of Vault's API. */
  vault(path: string): Promise<Data | undefined>;
  kubernetes(kind: Kind, name: string, namespace?: string): Promise<KubernetesObject | undefined>;
  /** Accessor of the mount that people log in by; undefined when there is no such mount. */
  loginAccessor(): Promise<string | undefined>;
  /** Authentik's API with all groups; undefined when it is not configured. */
  authentik(): Promise<{ readonly api: JsonApi; readonly groups: readonly AuthentikGroup[] } | undefined>;
  /** Any other shared question, by a name of its own. */
  once<T>(name: string, question: () => Promise<T>): Promise<T>;
};

/** Makes the view of one verification. */
export function makePlatform(clients: VerifyClients, site: Site): Platform {
  const asked = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, question: () => Promise<T>): Promise<T> => {
    const found = (asked.get(name) as Promise<T> | undefined) ?? question();
    asked.set(name, found);
    return found;
  };
  const vault = (path: string): Promise<Data | undefined> => once(`vault ${path}`, () => clients.vault.read(path));
  return {
    clients,
    site,
    once,
    vault,
    kubernetes: (kind, name, namespace) =>
      once(`kubernetes ${kind.group} ${kind.plural} ${namespace ?? ''} ${name}`, () =>
        clients.kubernetes.get(kind, name, namespace),
      ),
    async loginAccessor() {
      const mounts = await vault('sys/auth');
      const accessor = asRecord(mounts?.[`${site.vault.oidcMount.value}/`])?.accessor;
      return typeof accessor === 'string' ? accessor : undefined;
    },
    authentik: () =>
      once('authentik', async () => {
        const api = await authentikApi(clients, site);
        return api === undefined ? undefined : { api, groups: await listGroups(clients, api) };
      }),
  };
}
