import { isPlainObject } from '../exact-json.ts';
import type { Answer } from '../http/exchange.ts';
import { failure, noContent, success, unsupportedOperation } from './answers.ts';
import { type Call, flag } from './call.ts';
import { now, type Secret, type SecretVersion } from './state.ts';

/** The `metadata` object that goes with one version. */
export function metadataOf(secret: Secret, number: number, version: SecretVersion): Record<string, unknown> {
  return {
    created_time: version.createdTime,
    custom_metadata: secret.customMetadata,
    deletion_time: version.deletionTime,
    destroyed: version.destroyed,
    version: number,
  };
}

const ROOT_OF_MOUNT = 'Non-listing operations on the root of a K/V v2 mount are not supported.';

/** `metadata/<name>`: read, list, write, patch, and delete with all versions. */
export function metadataCall(call: Call, name: string): Answer {
  const { secrets } = call.state;
  if (call.operation === 'list') return listKeys(secrets.keys(), name, 'kv');
  if (name === '') return success({ warnings: [ROOT_OF_MOUNT] }, 404);
  const secret = secrets.get(name);
  switch (call.operation) {
    case 'read':
      return secret === undefined ? failure(404) : success({ data: describe(secret), mountType: 'kv' });
    case 'delete':
      secrets.delete(name);
      return noContent();
    case 'update':
    case 'patch': {
      if (secret === undefined && call.operation === 'patch') return failure(404);
      const known = secret ?? empty();
      change(known, call);
      secrets.set(name, known);
      return noContent();
    }
    default:
      return unsupportedOperation();
  }
}

/** A LIST answer over paths: the names directly below `folder`, folders with a slash at the end; 404 when there is none. */
export function listKeys(paths: Iterable<string>, folder: string, mountType: string): Answer {
  const prefix = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  const keys = new Set<string>();
  for (const path of paths) {
    if (!path.startsWith(prefix)) continue;
    const [first = '', ...more] = path.slice(prefix.length).split('/');
    keys.add(more.length > 0 ? `${first}/` : first);
  }
  return keys.size === 0 ? failure(404) : success({ data: { keys: [...keys].sort() }, mountType });
}

function describe(secret: Secret): Record<string, unknown> {
  const versions = [...secret.versions].map(([number, version]) => [
    String(number),
    { created_time: version.createdTime, deletion_time: version.deletionTime, destroyed: version.destroyed },
  ]);
  const oldest = Math.min(...secret.versions.keys());
  return {
    cas_required: secret.casRequired,
    created_time: secret.createdTime,
    current_version: secret.current,
    custom_metadata: secret.customMetadata,
    delete_version_after: '0s',
    max_versions: secret.maxVersions,
    oldest_version: oldest > 1 && Number.isFinite(oldest) ? oldest : 0,
    updated_time: secret.updatedTime,
    versions: Object.fromEntries(versions),
  };
}

function change(secret: Secret, call: Call): void {
  secret.casRequired = flag(call, 'cas_required') ?? secret.casRequired;
  const max = call.data.max_versions;
  if (max !== undefined) secret.maxVersions = Number(max);
  const custom = call.data.custom_metadata;
  if (isPlainObject(custom)) {
    secret.customMetadata = Object.fromEntries(Object.entries(custom).map(([key, value]) => [key, String(value)]));
  }
  secret.updatedTime = now();
}

function empty(): Secret {
  const time = now();
  return {
    versions: new Map(),
    createdTime: time,
    updatedTime: time,
    current: 0,
    casRequired: false,
    maxVersions: 0,
    customMetadata: null,
  };
}
