import { type Answer, jsonAnswer } from '../http/exchange.ts';
import { capabilitiesOf } from './acl.ts';
import { counted, failure, noContent, success, unsupportedOperation, unsupportedPath } from './answers.ts';
import { type Call, list, text } from './call.ts';
import { PolicyError, parsePolicy } from './policy.ts';
import { type Mount, stableUuid, type VaultState } from './state.ts';

/** The `sys` paths that need a token. */
export function sysCall(call: Call): Answer {
  const { path, state } = call;
  if (path === 'mounts') return mountList(state.mounts);
  if (path === 'auth') return mountList(state.auths);
  if (path === 'seal' && call.operation === 'update') {
    state.sealed = true;
    return noContent();
  }
  if (path.startsWith('capabilities')) return capabilities(call);
  if (path === 'policies/acl' || path === 'policy') return policyList(call);
  const policy = /^(?:policies\/acl|policy)\/(.+)$/.exec(path)?.[1];
  if (policy !== undefined)
    return policyCall(call, decodeURIComponent(policy).toLowerCase(), path.startsWith('policy/'));
  const mount = /^(?:internal\/ui\/)?mounts\/(.+)$/.exec(path)?.[1];
  if (mount !== undefined) return oneMount(state, mount, call);
  if (/^(revoke|leases)\b/.test(path)) return noContent();
  return unsupportedPath();
}

/** The `sys` paths that answer without a token and while sealed; undefined for all others. */
export function openSysCall(
  state: VaultState,
  method: string,
  path: string,
  query: URLSearchParams,
  data: Readonly<Record<string, unknown>>,
): Answer | undefined {
  if (OPEN_READS.includes(path) && !(method === 'GET' || (method === 'HEAD' && path === 'sys/health'))) {
    return failure(405);
  }
  switch (path) {
    case 'sys/health':
      return health(state, method, query);
    case 'sys/seal-status':
      return jsonAnswer(200, JSON.stringify(sealStatus(state)));
    case 'sys/unseal':
      return unseal(state, data);
    case 'sys/init':
      return method === 'GET' ? jsonAnswer(200, '{"initialized":true}') : failure(400, 'Vault is already initialized');
    case 'sys/leader':
      return jsonAnswer(200, LEADER);
    default:
      return undefined;
  }
}

/** Answered before the router, which knows of no other operation on them. */
const OPEN_READS: readonly string[] = ['sys/health', 'sys/seal-status', 'sys/leader'];

const LEADER =
  '{"ha_enabled":false,"is_self":false,"active_time":"0001-01-01T00:00:00Z","leader_address":"","leader_cluster_address":"","performance_standby":false,"performance_standby_last_remote_wal":0}';

function health(state: VaultState, method: string, query: URLSearchParams): Answer {
  const code = state.sealed ? Number(query.get('sealedcode') ?? 503) : Number(query.get('activecode') ?? 200);
  if (method === 'HEAD') return { status: code, headers: { 'content-type': 'application/json' }, body: '' };
  const body = {
    initialized: true,
    sealed: state.sealed,
    standby: state.sealed,
    performance_standby: false,
    replication_performance_mode: state.sealed ? 'unknown' : 'disabled',
    replication_dr_mode: state.sealed ? 'unknown' : 'disabled',
    server_time_utc: Math.floor(Date.now() / 1000),
    version: state.version,
    enterprise: false,
    ...(state.sealed ? {} : { cluster_name: state.clusterName, cluster_id: state.clusterId }),
    echo_duration_ms: 0,
    clock_skew_ms: 0,
    replication_primary_canary_age_ms: 0,
  };
  return jsonAnswer(code, JSON.stringify(body));
}

function sealStatus(state: VaultState): Record<string, unknown> {
  return {
    type: 'shamir',
    initialized: true,
    sealed: state.sealed,
    t: 1,
    n: 1,
    progress: 0,
    nonce: '',
    version: state.version,
    build_date: '',
    migration: false,
    ...(state.sealed ? {} : { cluster_name: state.clusterName, cluster_id: state.clusterId }),
    recovery_seal: false,
    storage_type: 'inmem',
  };
}

function unseal(state: VaultState, data: Readonly<Record<string, unknown>>): Answer {
  if (typeof data.key !== 'string' || data.key === '')
    return failure(400, "'key' must be specified in request body as JSON, or 'reset' set to true");
  if (data.key !== state.unsealKey) return failure(400, "'key' must be a valid hex or base64 string");
  state.sealed = false;
  return jsonAnswer(200, JSON.stringify(sealStatus(state)));
}

function mountList(mounts: ReadonlyMap<string, Mount>): Answer {
  const data = Object.fromEntries([...mounts.values()].map((mount) => [mount.path, describeMount(mount)]));
  return success({ data, mountType: 'system', inTopLevel: true });
}

function oneMount(state: VaultState, path: string, call: Call): Answer {
  if (call.operation !== 'read') return noContent();
  const mount = [...state.mounts.values()].find((each) => `${path}/`.startsWith(each.path));
  if (mount === undefined) return failure(400, `No secret engine mount at ${path}/`);
  if (call.path.startsWith('internal/')) return success({ data: { ...describeMount(mount), path: mount.path } });
  return success({ data: describeMount(mount), mountType: 'system', inTopLevel: true });
}

function describeMount(mount: Mount): Record<string, unknown> {
  return {
    accessor: mount.accessor,
    config: { default_lease_ttl: 0, force_no_cache: false, max_lease_ttl: 0 },
    deprecation_status: 'supported',
    description: mount.type === 'kv' ? 'key/value secret storage' : '',
    external_entropy_access: false,
    local: false,
    options: mount.options,
    plugin_version: '',
    running_plugin_version: '',
    running_sha256: '',
    seal_wrap: false,
    type: mount.type,
    uuid: stableUuid(mount.accessor),
  };
}

function capabilities(call: Call): Answer {
  if (call.operation !== 'update') return unsupportedOperation();
  const other = text(call, 'token');
  const token = call.path === 'capabilities-self' || other === undefined ? call.token : call.state.tokens.get(other);
  if (token === undefined) return failure(400, 'invalid token');
  const paths = list(call, 'paths') ?? list(call, 'path') ?? [];
  if (paths.length === 0) return failure(400, 'paths must be supplied');
  if (paths.includes('')) return counted(400, 'missing path');
  const data: Record<string, unknown> = {};
  for (const path of paths) data[path] = capabilitiesOf(call.state, token, path.replace(/^\//, ''));
  if (paths.length === 1) data.capabilities = data[paths[0] ?? ''];
  return success({ data, mountType: 'system', inTopLevel: true });
}

function policyList(call: Call): Answer {
  if (call.path === 'policies/acl' && call.operation !== 'list') return unsupportedOperation();
  const keys = [...new Set(['default', ...call.state.policies.keys()])].filter((name) => name !== 'root').sort();
  const data =
    call.path === 'policy' ? { keys: [...keys, 'root'], policies: [...keys, 'root'] } : { keys: [...keys, 'root'] };
  return success({ data, mountType: 'system', inTopLevel: call.path === 'policy' });
}

function policyCall(call: Call, name: string, old: boolean): Answer {
  const { policies } = call.state;
  switch (call.operation) {
    case 'read': {
      const policy = name === 'root' ? { text: '' } : policies.get(name);
      if (policy === undefined) return failure(404);
      const data = old ? { name, rules: policy.text } : { name, policy: policy.text };
      return success({ data, mountType: 'system', inTopLevel: old });
    }
    case 'update':
      return writePolicy(call, name);
    case 'delete':
      if (name === 'root') return failure(400, 'cannot delete "root" policy');
      if (name === 'default') return failure(400, 'cannot delete default policy');
      policies.delete(name);
      return noContent();
    default:
      return unsupportedOperation();
  }
}

function writePolicy(call: Call, name: string): Answer {
  const source = text(call, 'policy') ?? text(call, 'rules');
  if (source === undefined || source === '') return failure(400, "'policy' parameter not supplied or empty");
  if (name === 'root') return failure(400, 'cannot update "root" policy');
  const decoded = /^[A-Za-z0-9+/]+=*$/.test(source) ? Buffer.from(source, 'base64').toString() : source;
  try {
    call.state.policies.set(name, parsePolicy(name, decoded));
  } catch (error) {
    if (error instanceof PolicyError) return failure(400, error.message);
    throw error;
  }
  const asked = decodeURIComponent(call.path.replace(/^(policies\/acl|policy)\//, ''));
  return asked === name
    ? noContent()
    : success({ warnings: [`policy name was converted to ${name}`], mountType: 'system' });
}
