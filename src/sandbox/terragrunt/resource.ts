/** Attributes of a resource as terraform's state holds them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** A value that another resource of the same stack supplies, known once that one exists. */
export type Reference = { readonly address: string; readonly attribute: string };

/** A resource that a stack's configuration wants. */
export type Desired = {
  /** `module.rbac`, with keys where the module has them. */
  readonly module?: string;
  readonly type: string;
  readonly name: string;
  readonly key?: string;
  readonly values: Attributes;
  readonly references?: Readonly<Record<string, Reference>>;
  /** Attributes that only the server knows, e.g. `id`. */
  readonly computed?: readonly string[];
  /** Attributes with secrets. */
  readonly sensitive?: readonly string[];
};

/** One resource in a state. `data` sources carry the mode `data`. */
export type StateResource = {
  readonly mode: 'managed' | 'data';
  readonly module?: string;
  readonly type: string;
  readonly name: string;
  readonly key?: string;
  readonly attributes: Attributes;
  readonly sensitive: readonly string[];
};

/** The address that terraform prints. */
export function addressOf(
  resource: Pick<StateResource, 'type' | 'name'> & {
    readonly mode?: string;
    readonly module?: string;
    readonly key?: string;
  },
): string {
  const module = resource.module === undefined ? '' : `${resource.module}.`;
  const data = resource.mode === 'data' ? 'data.' : '';
  const key = resource.key === undefined ? '' : `["${resource.key}"]`;
  return `${module}${data}${resource.type}.${resource.name}${key}`;
}

/** `kubernetes`, `vault`: the first word of the type. */
export function providerOf(type: string): string {
  return type === 'terraform_data' ? 'terraform' : (type.split('_')[0] ?? type);
}

/** The provider's full name as state and plans hold it. */
export function providerName(type: string): string {
  const provider = providerOf(type);
  if (provider === 'terraform') return 'terraform.io/builtin/terraform';
  return `${provider === 'cloudflare' ? 'cloudflare' : 'hashicorp'}/${provider}`;
}

/** Same value, whatever the order of keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
