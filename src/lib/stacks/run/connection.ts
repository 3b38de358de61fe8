import type { Unit } from '../../clients/terragrunt/client.ts';
import { InfraError } from '../../errors.ts';
import { Secret } from '../../secrets/secret.ts';
import type { StackDeps } from '../deps.ts';
import type { Stack } from '../stack.ts';

/** PostgreSQL cuts application_name at NAMEDATALEN - 1 bytes. */
const APPLICATION_NAME_BYTES = 63;

/** The environment in which one stack is planned and applied. Errors: `stack.no-pg-credentials` (77), `stack.no-pg-address` (78), those of `Vault`. */
export async function unitOf(deps: StackDeps, stack: Stack): Promise<Unit> {
  const host = (await deps.clients.processes.self()).host;
  const user = deps.env.USER ?? deps.env.LOGNAME ?? 'unknown';
  return {
    folder: stack.folder,
    env: {
      PGAPPNAME: applicationName(stack.name, user, host, deps.runId),
      // A provider block without an address takes this one: the Vault that infra itself talks to.
      ...(deps.clients.vault.address === '' ? {} : { VAULT_ADDR: deps.clients.vault.address }),
      TF_INPUT: '0',
      TF_IN_AUTOMATION: '1',
      ...(await pluginCache(deps, stack)),
    },
    secretEnv: { ...deps.childSecrets, ...(stack.tier === 1 ? { PG_CONN_STR: await connectionString(deps) } : {}) },
  };
}

/**
 * The application name of a Tier-1 session, at most 63 bytes: it is the only thing that tells who holds a lock of the pg
 * backend, whose own error names the one who was refused. Host and user are cut first.
 */
export function applicationName(stack: string, user: string, host: string, run: string): string {
  const fixed = `infra stack=${stack} user= host= run=${run}`;
  const room = Math.max(0, APPLICATION_NAME_BYTES - Buffer.byteLength(fixed));
  const shortHost = cut(host.split('.')[0] ?? '', Math.ceil(room / 2));
  const shortUser = cut(user, room - Buffer.byteLength(shortHost));
  return cut(`infra stack=${stack} user=${shortUser} host=${shortHost} run=${run}`, APPLICATION_NAME_BYTES);
}

/**
 * The state database's connection string: PG_CONN_STR of the environment, else made of the credentials in Vault and the
 * database's address. Errors: `stack.no-pg-credentials` (77), `stack.no-pg-address` (78), those of `Vault`.
 */
export async function connectionString(deps: Pick<StackDeps, 'clients' | 'env' | 'site'>): Promise<Secret> {
  const preset = deps.env.PG_CONN_STR;
  if (preset !== undefined && preset !== '') return new Secret(preset);
  const address = await databaseAddress(deps);
  const path = deps.site.stacks.pgCredentials.value;
  const found = await deps.clients.vault.read(path);
  const { username, password } = found ?? {};
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new InfraError(
      'stack.no-pg-credentials',
      'denied',
      `Read ${path}: ${found === undefined ? 'there is nothing' : 'it holds no username and password'}, so the state of Tier-1 stacks cannot be reached.`,
      {
        hints: [`vault read ${path}`, 'or set PG_CONN_STR'],
      },
    );
  }
  return new Secret(`postgres://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${address}`);
}

/** `host:port/database[?options]`: infra.yaml's, else the one that the repository's wrapper holds. TLS stays the driver's default unless the address says otherwise. */
async function databaseAddress(deps: Pick<StackDeps, 'clients' | 'site'>): Promise<string> {
  const { pgAddress, wrapper } = deps.site.stacks;
  if (pgAddress.value !== undefined) return pgAddress.value;
  const text = (await deps.clients.files.read(`${deps.site.root.value}/${wrapper.value}`)) ?? '';
  const found = /[@"'=]([A-Za-z0-9_.[\]:-]+:\d{2,5}\/\w+(?:\?[\w=&.-]+)?)/.exec(text)?.[1];
  if (found !== undefined) return found;
  throw new InfraError(
    'stack.no-pg-address',
    'config',
    `The address of the state database is not known: stacks.pgAddress is not set, and ${wrapper.value} names none.`,
    {
      hints: ['infra.yaml: stacks: { pgAddress: "host:5432/terraform_state" }', 'or set PG_CONN_STR'],
    },
  );
}

const MAY_BREAK = 'TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE';

/**
 * The provider cache of the repository's wrapper, where its folder exists (terraform refuses one that does not); else the
 * operator's, or the one that terragrunt shares between stacks by itself under OpenTofu 1.10 and newer.
 *
 * A stack without a lock file takes providers from the cache as they are. Without that permission each init unpacks them
 * into the cache once more, below the feet of whoever plans with them at that moment: "Required plugins are not installed".
 */
async function pluginCache(deps: StackDeps, stack: Stack): Promise<Readonly<Record<string, string>>> {
  const { env, clients } = deps;
  const folder = `${env.HOME}/.terraform.d/plugin-cache`;
  const isAsked = env.TF_PLUGIN_CACHE_DIR !== undefined || env.HOME === undefined;
  if (!isAsked && (await clients.files.info(folder))?.kind === 'folder') {
    return { TF_PLUGIN_CACHE_DIR: folder, [MAY_BREAK]: '1' };
  }
  const isLocked = (await clients.files.info(`${stack.folder}/.terraform.lock.hcl`)) !== undefined;
  return isLocked || env[MAY_BREAK] !== undefined ? {} : { [MAY_BREAK]: '1' };
}

/** The longest beginning of at most `bytes` bytes of UTF-8. */
function cut(text: string, bytes: number): string {
  let out = '';
  for (const char of text) {
    if (Buffer.byteLength(out + char) > bytes) break;
    out += char;
  }
  return out;
}
