import { isPlainObject, parseExact } from '../exact-json.ts';
import type { Answer, Exchange, Handle } from '../http/exchange.ts';
import { isAllowed } from './acl.ts';
import { counted, failure } from './answers.ts';
import { findToken, kubernetesLogin, tokenCall } from './auth.ts';
import type { Call, Operation } from './call.ts';
import { databaseCall, kubernetesEngineCall } from './engines.ts';
import { identityCall } from './identity.ts';
import { kvCall } from './kv.ts';
import type { Capability } from './policy.ts';
import type { Token, VaultState } from './state.ts';
import { openSysCall, sysCall } from './sys.ts';
import { transitCall } from './transit.ts';

/**
 * Vault's HTTP API over a state in memory. Facts: answers of Vault 1.18.1. The order of refusals is the server's:
 * seal, body, token, policy, path.
 */
export function createVault(state: VaultState): Handle {
  return (ask) => {
    if (!ask.path.startsWith('/v1/')) {
      return { status: 307, headers: { location: '/ui/' }, body: '<a href="/ui/">Temporary Redirect</a>.\n\n' };
    }
    const full = decodePath(ask.path.slice('/v1/'.length));
    const operation = operationOf(ask);
    if (operation === undefined) return counted(405, 'unsupported operation');
    if (operation === 'malformed') return failure(400);
    const parsed = parseBody(ask);
    if (isAnswer(parsed)) return parsed;
    const open = openSysCall(state, ask.method, full, ask.query, parsed);
    if (open !== undefined) return open;
    if (state.sealed) return failure(503, 'Vault is sealed');
    if (full === 'auth/kubernetes/login') {
      return operation === 'update' ? kubernetesLogin(state, parsed) : counted(405, 'unsupported operation');
    }
    return authenticated(state, ask, full, operation, parsed);
  };
}

function authenticated(
  state: VaultState,
  ask: Exchange,
  full: string,
  operation: Operation,
  data: Readonly<Record<string, unknown>>,
): Answer {
  const bearer = /^Bearer (.+)$/.exec(ask.headers.authorization ?? '')?.[1];
  const presented = ask.headers['x-vault-token'] ?? bearer ?? '';
  if (presented === '') return failure(403, 'permission denied');
  const token = findToken(state, presented);
  if (token === undefined) return counted(403, 'permission denied', 'invalid token');
  const refused = refusal(state, token, full, operation);
  if (refused !== undefined) return refused;
  const call: Omit<Call, 'path'> = {
    state,
    operation,
    full,
    query: ask.query,
    headers: ask.headers,
    data,
    token,
    method: ask.method,
  };
  return route(call);
}

function route(call: Omit<Call, 'path'>): Answer {
  const engines: readonly (readonly [string, (call: Call) => Answer])[] = [
    ['secret/', kvCall],
    ['transit/', transitCall],
    ['identity/', identityCall],
    ['kubernetes/', kubernetesEngineCall],
    ['database/', databaseCall],
    ['auth/token/', tokenCall],
    ['sys/', sysCall],
  ];
  for (const [mount, engine] of engines) {
    if (call.full.startsWith(mount)) return engine({ ...call, path: call.full.slice(mount.length) });
  }
  return failure(404, `no handler for route "${call.full}". route entry not found.`);
}

/** Vault's own policy `default` grants these to every token; `sys/seal` needs sudo. */
function refusal(state: VaultState, token: Token, full: string, operation: Operation): Answer | undefined {
  const denied = counted(403, 'permission denied');
  if (full === 'sys/seal' && !isAllowed(state, token, 'sudo', full)) return denied;
  return isAllowed(state, token, capabilityFor(state, full, operation), full) ? undefined : denied;
}

/** A write is `create` where the engine can tell that nothing is there yet, `update` everywhere else. */
function capabilityFor(state: VaultState, full: string, operation: Operation): Capability {
  if (operation !== 'update') return operation;
  const [engine, area, ...rest] = full.split('/');
  const name = rest.join('/');
  if (engine === 'secret' && (area === 'data' || area === 'metadata'))
    return state.secrets.has(name) ? 'update' : 'create';
  if (engine === 'transit' && area === 'encrypt') return state.transit.has(name) ? 'update' : 'create';
  if (engine === 'kubernetes' && area === 'roles') return state.kubernetesRoles.has(name) ? 'update' : 'create';
  return 'update';
}

/** What Go's `strconv.ParseBool` takes; an absent or empty word is false. */
const GO_TRUE: readonly (string | null)[] = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const GO_FALSE: readonly (string | null)[] = [null, '', '0', 'f', 'F', 'false', 'FALSE', 'False'];

function operationOf(ask: Exchange): Operation | 'malformed' | undefined {
  switch (ask.method) {
    case 'GET':
    case 'HEAD': {
      const list = ask.query.get('list');
      if (GO_TRUE.includes(list)) return 'list';
      return GO_FALSE.includes(list) ? 'read' : 'malformed';
    }
    case 'LIST':
      return 'list';
    case 'POST':
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    default:
      return undefined;
  }
}

const MERGE_PATCH = 'application/merge-patch+json';

function parseBody(ask: Exchange): Readonly<Record<string, unknown>> | Answer {
  if (ask.method === 'PATCH') {
    const type = (ask.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
    if (type !== MERGE_PATCH) return failure(415, `PATCH requires Content-Type of ${MERGE_PATCH}, provided ${type}`);
  }
  if (ask.body === '' || ask.method === 'GET' || ask.method === 'LIST') return {};
  try {
    const value = parseExact(ask.body);
    if (isPlainObject(value)) return value;
    return failure(400, 'error parsing JSON');
  } catch (error) {
    if (error instanceof SyntaxError) return failure(400, 'error parsing JSON');
    throw error;
  }
}

function isAnswer(value: Readonly<Record<string, unknown>> | Answer): value is Answer {
  return typeof value.status === 'number' && typeof value.body === 'string' && 'headers' in value;
}

function decodePath(path: string): string {
  return path
    .split('/')
    .map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch {
        // Not percent-encoding after all: the segment means itself.
        return segment;
      }
    })
    .join('/')
    .replace(/\/$/, '');
}
