import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import type { Conventions } from './conventions.ts';
import type { ScaffoldRequest } from './request.ts';
import type { TemplateValues } from './template.ts';
import { fill } from './template.ts';

/** Files of a new stack: text by path below its folder. */
export type ScaffoldFile = { readonly path: string; readonly text: string };

/** A stack that can be written: its files, its links, what it depends on and what its first apply will need. */
export type Composition = {
  readonly name: string;
  readonly files: readonly ScaffoldFile[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly dependencies: readonly string[];
  /** Full sentences, in the order in which they matter. */
  readonly firstApply: readonly string[];
};

/** The parts of a stack, and when they are needed. */
const PARTS: readonly (readonly [path: string, isNeeded: (request: ScaffoldRequest) => boolean])[] = [
  ['terragrunt.hcl', () => true],
  ['main.tf', () => true],
  ['deployment.tf', ({ image }) => image !== undefined],
  ['ingress.tf', ({ host }) => host !== undefined],
  ['secret.tf', ({ secret }) => secret === true],
  ['storage.tf', ({ storage }) => storage !== undefined],
];

/** The templates that a request needs. */
export function partsOf(request: ScaffoldRequest): readonly string[] {
  return PARTS.filter(([, isNeeded]) => isNeeded(request)).map(([path]) => path);
}

/** Writes the stack, in memory. Errors: `stack.new-no-ingress`, `stack.new-unknown-argument` (65). */
export function compose(
  request: ScaffoldRequest,
  conventions: Conventions,
  site: Site,
  templates: ReadonlyMap<string, string>,
): Composition {
  const ownTls = request.host !== undefined && !conventions.tlsIsCopied && conventions.hasTlsModule;
  const dependencies = dependenciesOf(request, conventions);
  const mount = site.vault.users.path.value.split('/', 1)[0] ?? 'secret';
  const values: TemplateValues = {
    name: request.name,
    dependency: dependencies,
    tls: ownTls || usesTlsName(request, conventions) ? 'yes' : undefined,
    tls_module: ownTls ? 'yes' : undefined,
    image: request.image,
    port: request.port?.toString(),
    secret: request.secret === true ? 'yes' : undefined,
    secret_path: `${mount}/${request.name}`,
    eso_version: conventions.externalSecrets.version,
    eso_store: conventions.externalSecrets.store,
    storage: request.storage,
    storage_class: request.storageClass,
    keel: has(conventions, 'keel') ? 'yes' : undefined,
    autoresizer: has(conventions, 'pvc-autoresizer') ? 'yes' : undefined,
    auth: request.auth ?? 'required',
    reason: request.auth === 'app' || request.auth === 'none' ? request.why : undefined,
    description: quoted(request.description ?? request.name),
    argument: request.host === undefined ? [] : ingressArguments(request, conventions),
  };
  return {
    name: request.name,
    files: partsOf(request).map((path) => ({ path, text: fill(templates.get(path) ?? '', values) })),
    links: ownTls ? [{ path: 'secrets', target: '../../secrets' }] : [],
    dependencies,
    firstApply: firstApply(request, conventions, `${mount}/${request.name}`),
  };
}

/** What is asked for decides, as far as the repository has a stack for it. */
function dependenciesOf(request: ScaffoldRequest, conventions: Conventions): readonly string[] {
  const storage = request.storageClass === undefined ? undefined : conventions.storageClasses.get(request.storageClass);
  const wanted = [
    has(conventions, 'platform') ? 'platform' : 'infra',
    ...(request.host === undefined ? [] : ['traefik']),
    ...(request.host !== undefined && conventions.tlsIsCopied ? ['kyverno'] : []),
    ...(request.secret === true ? ['vault', 'external-secrets'] : []),
    ...(storage === undefined ? [] : [storage]),
  ];
  return [...new Set(wanted)].filter((name) => has(conventions, name));
}

function has({ stacks }: Conventions, name: string): boolean {
  return stacks.some((stack) => stack.name === name && stack.scaffold !== true);
}

function usesTlsName(request: ScaffoldRequest, { ingressVariables }: Conventions): boolean {
  return request.host !== undefined && ingressVariables?.has('tls_secret_name') === true;
}

/** What the repository's own ingress module takes; a variable that it needs and infra does not know stops here. */
function ingressArguments(request: ScaffoldRequest, { ingressVariables }: Conventions): readonly string[] {
  if (ingressVariables === undefined) {
    throw new InfraError(
      'stack.new-no-ingress',
      'data',
      'The repository has no modules/kubernetes/ingress_factory: infra would have to guess how a host gets its login.',
      { hints: ['Leave out --host and write the ingress by hand.'] },
    );
  }
  const host = request.host ?? request.name;
  const known: Readonly<Record<string, string>> = {
    namespace: 'kubernetes_namespace.this.metadata[0].name',
    name: quoted(request.name),
    service_name: 'kubernetes_service.this.metadata[0].name',
    port: '80',
    tls_secret_name: 'var.tls_secret_name',
    ...(host.includes('.') ? { full_host: quoted(host) } : host === request.name ? {} : { host: quoted(host) }),
  };
  const given = Object.entries(known).filter(([name]) => ingressVariables.has(name));
  const always = new Set([...Object.keys(known), 'auth', 'extra_annotations']);
  const unknown = [...ingressVariables]
    .filter(([name, isNeeded]) => isNeeded && !always.has(name))
    .map(([name]) => name);
  const needed = ['auth', 'extra_annotations', ...(host.includes('.') ? ['full_host'] : [])];
  const lacking = needed.filter((name) => !ingressVariables.has(name));
  if (unknown.length > 0 || lacking.length > 0) {
    const parts = [
      ...(unknown.length > 0 ? [`needs ${unknown.join(', ')}, which infra does not know`] : []),
      ...(lacking.length > 0 ? [`does not take ${lacking.join(', ')}`] : []),
    ];
    throw new InfraError(
      'stack.new-unknown-argument',
      'data',
      `The repository’s modules/kubernetes/ingress_factory ${parts.join(' and ')}.`,
      { hints: ['Leave out --host and write the ingress by hand.'] },
    );
  }
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)} = ${value}`);
}

function firstApply(request: ScaffoldRequest, conventions: Conventions, secret: string): readonly string[] {
  const login = request.host !== undefined && (request.auth ?? 'required') === 'required';
  return [
    ...(request.secret === true
      ? [
          `${secret} in Vault with the keys that the container reads; the ExternalSecret copies all of them.`,
          ...(has(conventions, 'external-secrets')
            ? []
            : ['External Secrets in the cluster: no stack here installs it.']),
          'The namespace before the rest: the ExternalSecret is checked against the cluster when it is planned.',
        ]
      : []),
    ...(request.storage !== undefined && request.storageClass === undefined
      ? ['A default storage class in the cluster: none was named.']
      : []),
    ...(login && has(conventions, 'authentik')
      ? ['The stack authentik applied once more afterwards: it denies hosts that it did not see.']
      : []),
    'No other apply beside it: a first apply holds the lock with which the backend makes new states.',
  ];
}

/** A string of HCL. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/([$%])\{/g, '$1$1{');
}
