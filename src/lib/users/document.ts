import type { KvRead } from '../clients/vault/client.ts';
import { InfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import { readJson } from './json-reader.ts';
import { quoted } from './quoted.ts';
import type { StoredUser } from './stored-entry.ts';
import { readStoredUser } from './stored-entry.ts';

/**
 * The users of the platform as one version of the secret holds them. `text` is the JSON text under the users' key,
 * exactly as stored. A name never stands twice.
 */
export type UsersDocument = {
  readonly users: ReadonlyMap<string, StoredUser>;
  readonly text: string;
  readonly version: number;
};

/**
 * Takes the users out of a read of the secret. Whatever is not a JSON object in a string stops here: it is never
 * repaired, because a wrong repair takes every user's rights away. Entries that are wrong in themselves are kept with
 * their problems. Errors, all status 65: `users.document-absent`, `-deleted`, `-destroyed` (the secret);
 * `users.document-no-key`, `-not-text`, `-empty`, `-not-json`, `-not-object`, `-duplicate-keys` (the key in it).
 */
export function readUsers(read: KvRead, site: Site): UsersDocument {
  const path = site.vault.users.path.value;
  const key = site.vault.users.key.value;
  const refuse = (code: string, found: string, hints: readonly string[], end = 'It is left as it is.'): InfraError =>
    new InfraError(`users.document-${code}`, 'data', `The users could not be read: ${found} ${end}`, { hints });
  const metadata = `vault kv metadata get ${path}`;
  switch (read.state) {
    case 'absent':
      throw refuse(
        'absent',
        `Vault has no secret ${path}.`,
        [
          `vault kv list ${path.slice(0, path.lastIndexOf('/'))}`,
          'If the users are elsewhere, say so in infra.yaml: vault.users.path and vault.users.key.',
        ],
        'None is made.',
      );
    case 'deleted':
      throw refuse('deleted', `the latest version of ${path} (${read.version}) is deleted.`, [
        metadata,
        `vault kv undelete -versions=${read.version} ${path}`,
      ]);
    case 'destroyed':
      throw refuse('destroyed', `the latest version of ${path} (${read.version}) is destroyed for good.`, [
        metadata,
        `vault kv rollback -version=N ${path}   (N: the last version that is neither deleted nor destroyed)`,
      ]);
  }
  const field = `vault kv get -field=${key} ${path}`;
  const where = `${key} of ${path} (version ${read.version})`;
  const earlier = `vault kv get -version=${read.version - 1} -field=${key} ${path}   (the version before)`;
  const history = read.version > 1 ? [earlier] : [];
  if (!Object.hasOwn(read.data, key)) {
    throw refuse('no-key', `${path} (version ${read.version}) has no key ${key}.`, [
      `vault kv get -format=json ${path} | jq '.data.data | keys'`,
      ...history,
    ]);
  }
  const value = read.data[key];
  if (typeof value !== 'string') {
    const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a JSON ${typeof value}`;
    throw refuse('not-text', `${where} is ${kind}, not JSON inside a string, which is what the stacks decode.`, [
      field,
      ...history,
    ]);
  }
  if (value.trim() === '') throw refuse('empty', `${where} is an empty string.`, [field, ...history]);
  const reading = readJson(value);
  if (!reading.ok) {
    const { line, column, message } = reading.problem;
    throw refuse('not-json', `${where} is not JSON: line ${line}, column ${column}: ${message}.`, [
      `${field} | jq .`,
      ...history,
    ]);
  }
  const { root } = reading;
  if (root.kind !== 'object') {
    throw refuse('not-object', `${where} is a JSON ${root.kind}, not an object of users.`, [
      `${field} | jq type`,
      ...history,
    ]);
  }
  const users = new Map<string, StoredUser>();
  const twice = new Set<string>();
  for (const member of root.members) {
    if (users.has(member.name)) twice.add(member.name);
    users.set(member.name, readStoredUser(member.name, member.value, value));
  }
  if (twice.size > 0) {
    const names = [...twice].map((name) => quoted(name)).join(', ');
    throw refuse('duplicate-keys', `${where} has more than one entry for ${names}; terraform takes the last one.`, [
      field,
      ...history,
    ]);
  }
  return { users, text: value, version: read.version };
}
