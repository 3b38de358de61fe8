import type { Answer } from '../http/exchange.ts';
import { identityPoliciesOf } from './acl.ts';
import { counted, failure, noContent, success, unsupportedOperation, unsupportedPath } from './answers.ts';
import { type Call, flag, list, seconds, text } from './call.ts';
import { addToken, type Token, type TokenRequest, type VaultState } from './state.ts';

const CUSTOM_ID =
  'Supplying a custom ID for the token uses the weaker SHA1 hashing instead of the more secure SHA2-256 HMAC for token obfuscation. SHA1 hashed tokens on the wire leads to less secure lookups.';

const ACTIONS: readonly string[] = [
  'lookup',
  'lookup-accessor',
  'renew',
  'renew-self',
  'renew-accessor',
  'revoke',
  'revoke-self',
  'revoke-accessor',
  'revoke-orphan',
  'create',
  'create-orphan',
];

/** `auth/token/…`: look-up, renewal, creation, revocation of tokens. */
export function tokenCall(call: Call): Answer {
  const { state, token } = call;
  const action = call.path;
  if (action === 'lookup-self') return success({ data: describeToken(state, token), mountType: 'token' });
  if (action === 'accessors' && call.operation === 'list') {
    return success({ data: { keys: [...state.tokens.values()].map((each) => each.accessor) }, mountType: 'token' });
  }
  if (!ACTIONS.includes(action)) return unsupportedPath();
  if (call.operation !== 'update') return unsupportedOperation();
  const byId = state.tokens.get(text(call, 'token') ?? '');
  const byAccessor = [...state.tokens.values()].find((each) => each.accessor === text(call, 'accessor'));
  switch (action) {
    case 'lookup':
      return byId === undefined
        ? failure(403, 'bad token')
        : success({ data: describeToken(state, byId), mountType: 'token' });
    case 'lookup-accessor':
      return byAccessor === undefined
        ? counted(400, 'invalid accessor')
        : success({ data: { ...describeToken(state, byAccessor), id: '' }, mountType: 'token' });
    case 'renew-self':
      return renew(call, token);
    case 'renew':
      return byId === undefined ? failure(400, 'token not found') : renew(call, byId);
    case 'revoke-self':
      state.tokens.delete(token.id);
      return noContent();
    case 'revoke':
      if (byId !== undefined) state.tokens.delete(byId.id);
      return noContent();
    case 'revoke-accessor':
      if (byAccessor === undefined) return counted(400, 'invalid accessor');
      state.tokens.delete(byAccessor.id);
      return noContent();
    case 'create':
    case 'create-orphan':
      return create(call);
    default:
      return unsupportedPath();
  }
}

/** `auth/kubernetes/login`, the only unauthenticated login here. */
export function kubernetesLogin(state: VaultState, data: Readonly<Record<string, unknown>>): Answer {
  const jwt = data.jwt;
  if (typeof jwt !== 'string' || jwt === '') return failure(400, 'missing jwt');
  if (typeof data.role !== 'string' || data.role === '') return failure(400, 'missing role');
  const role = state.loginRoles.get(data.role);
  if (role === undefined) return failure(400, `invalid role name "${data.role}"`);
  const account = state.reviewToken(jwt);
  if (account === undefined) return failure(403, 'permission denied');
  const fits = (allowed: readonly string[], name: string) => allowed.includes('*') || allowed.includes(name);
  if (!fits(role.serviceAccounts, account.name)) return failure(403, 'service account name not authorized');
  if (!fits(role.namespaces, account.namespace)) return failure(403, 'namespace not authorized');
  const token = addToken(state, {
    policies: ['default', ...role.policies],
    ttl: role.period > 0 ? role.period : role.ttl,
    period: role.period,
    displayName: `kubernetes-${account.namespace}-${account.name}`,
    path: 'auth/kubernetes/login',
    meta: { role: data.role, service_account_name: account.name, service_account_namespace: account.namespace },
  });
  return success({ auth: authOf(state, token) });
}

/** The data of a token look-up. */
function describeToken(state: VaultState, token: Token): Record<string, unknown> {
  const identity = identityPoliciesOf(state, token);
  return {
    accessor: token.accessor,
    creation_time: Math.floor(token.created / 1000),
    creation_ttl: token.ttl,
    display_name: token.displayName,
    entity_id: token.entityId,
    expire_time: token.expires === undefined ? null : new Date(token.expires).toISOString(),
    explicit_max_ttl: 0,
    id: token.id,
    ...(identity.length > 0 ? { identity_policies: identity } : {}),
    issue_time: new Date(token.created).toISOString(),
    meta: token.meta,
    num_uses: 0,
    orphan: token.orphan,
    path: token.path,
    ...(token.period > 0 ? { period: token.period } : {}),
    policies: token.policies,
    renewable: token.renewable,
    ttl: remaining(token),
    type: 'service',
  };
}

/** The live token behind an id; an expired one is forgotten. */
export function findToken(state: VaultState, id: string): Token | undefined {
  const token = state.tokens.get(id);
  if (token?.expires === undefined || token.expires > Date.now()) return token;
  state.tokens.delete(id);
  return undefined;
}

function remaining(token: Token): number {
  return token.expires === undefined ? 0 : Math.max(0, Math.floor((token.expires - Date.now()) / 1000));
}

function renew(call: Call, token: Token): Answer {
  if (!token.renewable || token.expires === undefined) return failure(400, 'lease is not renewable');
  const increment = seconds(call.data.increment) ?? 0;
  token.expires = Date.now() + (token.period > 0 ? token.period : increment > 0 ? increment : token.ttl) * 1000;
  return success({ auth: authOf(call.state, token), mountType: 'token' });
}

function create(call: Call): Answer {
  const policies = list(call, 'policies') ?? [...call.token.policies];
  const root = policies.includes('root');
  const withDefault = root || flag(call, 'no_default_policy') === true ? policies : ['default', ...policies];
  const period = seconds(call.data.period) ?? 0;
  const ttl = period > 0 ? period : (seconds(call.data.ttl) ?? (root ? 0 : 2_764_800));
  const request: TokenRequest = {
    policies: [...new Set(withDefault)].sort(),
    ttl,
    period,
    displayName: text(call, 'display_name') === undefined ? 'token' : `token-${text(call, 'display_name')}`,
    renewable: flag(call, 'renewable') ?? ttl > 0,
    entityId: call.token.entityId,
  };
  const id = text(call, 'id');
  const orphan = call.path === 'create-orphan' || flag(call, 'no_parent') === true;
  const token = addToken(call.state, { ...request, orphan, ...(id === undefined ? {} : { id }) });
  const warnings = id === undefined ? {} : { warnings: [CUSTOM_ID] };
  return success({ auth: authOf(call.state, token), mountType: 'token', ...warnings });
}

function authOf(state: VaultState, token: Token): Record<string, unknown> {
  const identity = identityPoliciesOf(state, token);
  return {
    client_token: token.id,
    accessor: token.accessor,
    policies: [...new Set([...token.policies, ...identity])],
    token_policies: token.policies,
    ...(identity.length > 0 ? { identity_policies: identity } : {}),
    metadata: token.meta,
    lease_duration: remaining(token),
    renewable: token.renewable,
    entity_id: token.entityId,
    token_type: 'service',
    orphan: token.orphan,
    mfa_requirement: null,
    num_uses: 0,
  };
}
