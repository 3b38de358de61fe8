import { asDoubles, isPlainObject, mergePatch, OutOfRange } from '../exact-json.ts';
import type { Answer } from '../http/exchange.ts';
import { counted, failure, noContent, success, unsupportedOperation } from './answers.ts';
import type { Call } from './call.ts';
import { metadataCall, metadataOf } from './kv-metadata.ts';
import { now, type Secret, type SecretVersion } from './state.ts';

const CAS_MISMATCH = 'check-and-set parameter did not match the current version';
const CAS_REQUIRED = 'check-and-set parameter required for this call';

/**
 * The KV v2 engine: data, metadata, delete, undelete, destroy. Facts: answers of Vault 1.18.1. The digits of a number
 * are stored as they were sent and read as a double: what no double can hold can be written, and never read again.
 */
export function kvCall(call: Call): Answer {
  try {
    return areaCall(call);
  } catch (error) {
    if (!(error instanceof OutOfRange)) throw error;
    return counted(500, `json: cannot unmarshal number ${error.literal} into Go value of type float64`);
  }
}

function areaCall(call: Call): Answer {
  const [area = '', ...rest] = call.path.split('/');
  const name = rest.join('/');
  switch (area) {
    case 'data':
      return dataCall(call, name);
    case 'metadata':
      return metadataCall(call, name);
    case 'delete':
    case 'undelete':
    case 'destroy':
      return versionsCall(call, name, area);
    case 'config':
      return call.operation === 'read'
        ? success({ data: { cas_required: false, delete_version_after: '0s', max_versions: 0 }, mountType: 'kv' })
        : noContent();
    default:
      return invalidPath(call);
  }
}

const COMMAND: Readonly<Record<Call['operation'], string>> = {
  read: 'get',
  list: 'list',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
};

function invalidPath(call: Call): Answer {
  const warning = `Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv ${COMMAND[call.operation]}' for this operation.`;
  return success({ warnings: [warning] }, 404);
}

/** Writes a new version without any check; worlds are built with it. Returns the version number. */
export function putVersion(secrets: Map<string, Secret>, name: string, data: unknown): number {
  const time = now();
  const known = secrets.get(name);
  const secret: Secret = known ?? {
    versions: new Map(),
    createdTime: time,
    updatedTime: time,
    current: 0,
    casRequired: false,
    maxVersions: 0,
    customMetadata: null,
  };
  secret.current += 1;
  secret.updatedTime = time;
  secret.versions.set(secret.current, { data, createdTime: time, deletionTime: '', destroyed: false });
  const keep = secret.maxVersions > 0 ? secret.maxVersions : 10;
  for (const version of secret.versions.keys()) {
    if (version <= secret.current - keep) secret.versions.delete(version);
  }
  secrets.set(name, secret);
  return secret.current;
}

function dataCall(call: Call, name: string): Answer {
  if (name === '' || call.operation === 'list') return invalidPath(call);
  const secret = call.state.secrets.get(name);
  switch (call.operation) {
    case 'read':
      return read(call, secret);
    case 'update':
      return write(call, name, secret, () => call.data.data);
    case 'patch':
      return patch(call, name, secret);
    case 'delete':
      if (secret !== undefined) softDelete(secret, [secret.current]);
      return noContent();
    default:
      return unsupportedOperation();
  }
}

function read(call: Call, secret: Secret | undefined): Answer {
  if (secret === undefined) return failure(404);
  const wanted = Number(call.query.get('version') ?? 0);
  const number = wanted === 0 ? secret.current : wanted;
  const version = secret.versions.get(number);
  if (version === undefined) return failure(404);
  const gone = version.destroyed || version.deletionTime !== '';
  const data = { data: gone ? null : asDoubles(version.data), metadata: metadataOf(secret, number, version) };
  return gone ? success({ data }, 404) : success({ data, mountType: 'kv' });
}

function write(call: Call, name: string, secret: Secret | undefined, value: () => unknown): Answer {
  const refused = checkCas(call, secret);
  if (refused !== undefined) return refused;
  const data = value();
  if (data === undefined) return failure(400, 'no data provided');
  if (data !== null && !isPlainObject(data)) return failure(400, notAMap(data));
  const number = putVersion(call.state.secrets, name, data);
  const stored = call.state.secrets.get(name);
  const version = stored?.versions.get(number);
  if (stored === undefined || version === undefined) return failure(500, 'the new version vanished');
  return success({ data: metadataOf(stored, number, version), mountType: 'kv' });
}

function patch(call: Call, name: string, secret: Secret | undefined): Answer {
  if (!isPlainObject(call.data.data)) return failure(400, 'no data provided');
  const version = secret?.versions.get(secret.current);
  if (secret === undefined || version === undefined) return { status: 404, body: '' };
  const refused = checkCas(call, secret);
  if (refused !== undefined) return refused;
  if (version.destroyed || version.deletionTime !== '') {
    return success({ data: metadataOf(secret, secret.current, version) }, 404);
  }
  const before = asDoubles(version.data);
  if (!holdsDoubles(call.data.data)) return counted(500, 'Invalid JSON Patch');
  return write(call, name, secret, () => mergePatch(before, call.data.data));
}

function holdsDoubles(value: unknown): boolean {
  try {
    asDoubles(value);
    return true;
  } catch (error) {
    if (error instanceof OutOfRange) return false;
    throw error;
  }
}

function checkCas(call: Call, secret: Secret | undefined): Answer | undefined {
  const options = call.data.options;
  const cas = isPlainObject(options) ? options.cas : undefined;
  if (cas === undefined || cas === null) return secret?.casRequired === true ? failure(400, CAS_REQUIRED) : undefined;
  return Number(cas) === (secret?.current ?? 0) ? undefined : failure(400, CAS_MISMATCH);
}

function versionsCall(call: Call, name: string, area: 'delete' | 'undelete' | 'destroy'): Answer {
  if (call.operation !== 'update') return unsupportedOperation();
  const raw = call.data.versions;
  const versions = (Array.isArray(raw) ? raw : []).map(Number).filter((number) => number > 0);
  if (versions.length === 0) return failure(400, 'No version number provided');
  const secret = call.state.secrets.get(name);
  if (secret === undefined) return noContent();
  if (area === 'delete') softDelete(secret, versions);
  for (const version of pick(secret, versions)) {
    if (area === 'undelete' && !version.destroyed) version.deletionTime = '';
    if (area === 'destroy') {
      version.destroyed = true;
      version.data = null;
    }
  }
  return noContent();
}

function softDelete(secret: Secret, versions: readonly number[]): void {
  for (const version of pick(secret, versions)) {
    if (!version.destroyed && version.deletionTime === '') version.deletionTime = now();
  }
}

function pick(secret: Secret, versions: readonly number[]): SecretVersion[] {
  return versions.map((number) => secret.versions.get(number)).filter((version) => version !== undefined);
}

function notAMap(value: unknown): string {
  const shown = Array.isArray(value) ? `[${value.map(String).join(' ')}]` : String(value);
  const at = Array.isArray(value) ? '[0]' : '';
  const kind = typeof value === 'boolean' ? 'bool' : 'string';
  return `error converting input ${shown} for field "data": '${at}' expected a map, got '${kind}'`;
}
