import type { Discovered } from './discovery.ts';
import { type Environment, variable } from './reading.ts';
import type { Setting } from './site.ts';

/** What a new infra.yaml is made from. `readers` are the stacks that read the users, in their order. */
export type Findings = {
  readonly discovered: Discovered;
  readonly env: Environment;
  readonly dir: string;
  readonly stackCount: number;
  readonly readers: readonly string[];
  readonly shape: string | undefined;
};

/** A line `key: value` with where the value was found; `follows`: read anew on every run, so it is left as a comment. */
type Line = { readonly key: string; readonly value: string; readonly source: string; readonly follows?: boolean };

/**
 * The text of a new infra.yaml. Facts that do not change with the repository are set; lists that follow it (Tier 0, guards,
 * who reads the users) stay comments, because a copy of them would silently grow old.
 */
export function proposeSite(found: Findings): string {
  const { discovered, dir, stackCount, readers, shape } = found;
  const address = vaultAddress(found);
  const shapeWords = shape === undefined ? '' : `, ${shape} shape`;
  return [
    '# This platform as infra sees it. Every key is optional: what is left out is discovered or has a default.',
    '# Written by infra init from what it found; correct it and commit it.',
    '#   effective values   infra config show',
    '#   what is allowed    infra config schema',
    '',
    ...section('stacks', [
      {
        key: 'dir',
        value: scalar(dir),
        source: `${stackCount === 1 ? '1 stack' : `${stackCount} stacks`}${shapeWords}`,
      },
      ...line('pgCredentials', discovered.pgCredentials),
      ...line('pgAddress', discovered.pgAddress),
      ...lines('guards', discovered.guards),
      ...lines('tier0.stacks', discovered.tier0),
    ]),
    ...section('vault', [
      ...(address === undefined ? [] : [{ key: 'address', value: scalar(address.value), source: address.source }]),
      { key: 'users', value: '{ path: secret/platform, key: k8s_users }', source: 'default; the document of users' },
    ]),
    ...(readers.length === 0
      ? []
      : section('users', [
          {
            key: 'apply',
            value: list(readers),
            source: 'who reads k8s_users today, in the order of their needs',
            follows: true,
          },
        ])),
    '# Nobody can find these out; fill in what you have. A token is {env: NAME}, {file: PATH} or {vault: "PATH#KEY"}.',
    '# authentik:',
    '#   url: https://authentik.example.com',
    '#   token: {vault: "secret/authentik#api_token"}',
    '# prometheus:',
    '#   url: https://prometheus.example.com',
    '',
  ].join('\n');
}

function vaultAddress({ discovered, env }: Findings): Setting<string> | undefined {
  const own = variable(env, 'VAULT_ADDR');
  return (
    discovered.vaultAddress ??
    (own === undefined ? undefined : { value: own, source: 'VAULT_ADDR when this was written' })
  );
}

function line(key: string, setting: Setting<string> | undefined): readonly Line[] {
  return setting === undefined ? [] : [{ key, value: scalar(setting.value), source: setting.source }];
}

function lines(key: string, setting: Setting<readonly string[]> | undefined): readonly Line[] {
  return setting === undefined ? [] : [{ key, value: list(setting.value), source: setting.source, follows: true }];
}

function section(name: string, content: readonly Line[]): readonly string[] {
  const bodies = content.flatMap(({ key, value, source, follows }) =>
    follows === true
      ? [`  # ${source}, read anew on every run; set it to fix it`, `  # ${nested(key, value)}`]
      : [`  # ${source}`, `  ${key}: ${value}`],
  );
  const head = content.every((one) => one.follows === true) ? `# ${name}:` : `${name}:`;
  return [head, ...bodies, ''];
}

/** `tier0.stacks: v` as one line of YAML. */
function nested(key: string, value: string): string {
  const [outer, inner] = key.split('.');
  return inner === undefined ? `${key}: ${value}` : `${outer}: { ${inner}: ${value} }`;
}

function list(values: readonly string[]): string {
  return `[${values.map(scalar).join(', ')}]`;
}

/** Plain where every YAML reader takes it for text, else in double quotes. */
function scalar(value: string): string {
  const plain =
    /^[A-Za-z_][\w./@:-]*$/.test(value) &&
    !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value) &&
    !value.endsWith(':');
  return plain ? value : JSON.stringify(value);
}
