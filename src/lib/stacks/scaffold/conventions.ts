import type { Clients } from '../../clients/clients.ts';
import type { Site } from '../../site/site.ts';
import { discoverStacks } from '../discover.ts';
import type { Body } from '../source/hcl-text.ts';
import { objectsOf } from '../source/kubernetes-objects.ts';
import { makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';

/** What the repository does elsewhere, and a new stack does the same. */
export type Conventions = {
  readonly stacks: readonly Stack[];
  /** Variables of the module that makes an ingress: name → whether it must be given; undefined without that module. */
  readonly ingressVariables: ReadonlyMap<string, boolean> | undefined;
  /** True when something copies the TLS Secret into every namespace: a stack must not make its own. */
  readonly tlsIsCopied: boolean;
  readonly hasTlsModule: boolean;
  readonly externalSecrets: { readonly version: string; readonly store: string };
  /** Which stack declares a namespace or a storage class. */
  readonly namespaces: ReadonlyMap<string, string>;
  readonly storageClasses: ReadonlyMap<string, string>;
};

const INGRESS_MODULE = 'modules/kubernetes/ingress_factory';
const TLS_MODULE = 'modules/kubernetes/setup_tls_secret';

/** Kyverno's policy of this name clones the wildcard certificate into each new namespace. */
const TLS_POLICY = 'sync-tls-secret';

/** Reads the conventions from the text of all stacks. Errors: those of `Files`. */
export async function readConventions(clients: Pick<Clients, 'files'>, site: Site): Promise<Conventions> {
  const modules = makeModuleReader(clients.files);
  const root = site.root.value;
  const stacks = await discoverStacks(clients, site, modules);
  const texts: string[] = [];
  const namespaces = new Map<string, string>();
  const storageClasses = new Map<string, string>();
  for (const stack of stacks) {
    for (const { files } of await modules.reachable(stack.folder)) texts.push(...files.map(({ text }) => text));
    if (stack.scaffold === true) continue;
    for (const { kind, type, name } of await objectsOf(modules, stack.folder)) {
      if (kind !== 'resource' || name === undefined) continue;
      if (/^kubernetes_namespace(_v1)?$/.test(type)) namespaces.set(name, stack.name);
      if (/^kubernetes_storage_class(_v1)?$/.test(type)) storageClasses.set(name, stack.name);
    }
  }
  const ingress = await modules.read(`${root}/${INGRESS_MODULE}`);
  const found = (pattern: RegExp): string | undefined =>
    texts.map((text) => pattern.exec(text)?.[1]).find((each) => each !== undefined);
  return {
    stacks,
    ingressVariables: ingress.files.length === 0 ? undefined : variablesOf(ingress.bodies()),
    tlsIsCopied: texts.some((text) => text.includes(TLS_POLICY)),
    hasTlsModule: (await modules.read(`${root}/${TLS_MODULE}`)).files.length > 0,
    externalSecrets: {
      version: found(/"?apiVersion"?\s*[=:]\s*"(external-secrets\.io\/[^"]+)"/) ?? 'external-secrets.io/v1',
      store: found(/"?secretStoreRef"?\s*[=:]\s*\{[^}]*?"?name"?\s*[=:]\s*"([^"$]+)"/) ?? 'vault-kv',
    },
    namespaces,
    storageClasses,
  };
}

function variablesOf(bodies: readonly Body[]): ReadonlyMap<string, boolean> {
  const blocks = bodies.flatMap((body) => body.blocks.filter(({ type }) => type === 'variable'));
  return new Map(blocks.map(({ labels, body }) => [labels[0] ?? '', !body.attributes.has('default')]));
}
