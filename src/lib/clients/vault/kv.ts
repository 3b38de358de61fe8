import { encodePath, kvApiPath } from './address.ts';
import { type Answer, asObject, type Question } from './answer.ts';
import type { Call } from './caller.ts';
import type { KvRead } from './client.ts';
import { casLost, unexpected } from './errors.ts';
import { memberText } from './raw-json.ts';

/** Makes a call with the token in use. */
export type Caller = { readonly address: string; call(call: Call): Promise<Answer> };

/** Reads the current version of a secret. Deleted, destroyed and absent are values. */
export async function readSecret(caller: Caller, path: string): Promise<KvRead> {
  const call = kvCall('read', path, 'data');
  const answer = await caller.call(call);
  const outer = asObject(answer.body?.data);
  const metadata = asObject(outer?.metadata);
  const version = metadata?.version;
  if (answer.status === 404 && metadata === undefined) return { state: 'absent' };
  if (typeof version !== 'number') throw unexpected(call, caller.address, 'a version, as a KV version 1 mount does');
  if (answer.status === 404) return { state: metadata?.destroyed === true ? 'destroyed' : 'deleted', version };
  const data = asObject(outer?.data);
  const text = memberText(answer.text, ['data', 'data']);
  if (data === undefined || text === undefined) throw unexpected(call, caller.address, 'the data of the secret');
  return { state: 'present', version, data, text };
}

/** Writes a secret's data, given as JSON text, if its version is still `cas`; answers the new version. */
export async function writeSecret(caller: Caller, path: string, text: string, cas: number): Promise<number> {
  return change(caller, kvCall('write', path, 'data'), text, cas);
}

/** Merges data into a secret if its version is still `cas`; answers the new version. */
export async function patchSecret(caller: Caller, path: string, text: string, cas: number): Promise<number> {
  return change(caller, kvCall('patch', path, 'data'), text, cas);
}

/** Whether a secret has metadata: any version, deleted and destroyed ones too. */
export async function secretExists(caller: Caller, path: string): Promise<boolean> {
  const answer = await caller.call(kvCall('read', path, 'metadata'));
  return answer.status !== 404;
}

/** Names of the secrets in a folder; those of folders end in a slash. */
export async function listSecrets(caller: Caller, path: string): Promise<readonly string[] | undefined> {
  const folder = path.replace(/\/$/, '');
  return listKeys(caller, kvApiPath(folder, 'metadata', true));
}

/** The keys of a listing of any API path, or undefined when there is nothing. */
export async function listKeys(caller: Caller, path: string): Promise<readonly string[] | undefined> {
  const call: Call = { verb: 'list', path, url: encodePath(path, true), writes: false };
  const answer = await caller.call(call);
  if (answer.status === 404) return undefined;
  const keys = asObject(answer.body?.data)?.keys;
  if (!Array.isArray(keys)) throw unexpected(call, caller.address, 'a list of keys');
  return keys.map(String);
}

async function change(caller: Caller, call: Call, text: string, cas: number): Promise<number> {
  if (!isJsonObject(text)) throw new TypeError(`The data for ${call.path} is not a JSON object.`);
  // The text is put in as it is: parsing and writing it again would round integers beyond 2^53.
  const answer = await caller.call({ ...call, body: `{"options":{"cas":${cas}},"data":${text}}` });
  if (answer.status === 404)
    throw casLost(`${call.path} has no current version: it was deleted since it was read, or never existed.`);
  const version = asObject(answer.body?.data)?.version;
  if (typeof version !== 'number')
    throw unexpected(call, caller.address, 'the new version, as a KV version 1 mount does');
  return version;
}

/** JSON.parse's own error would quote the text, which holds secrets. */
function isJsonObject(text: string): boolean {
  try {
    return asObject(JSON.parse(text)) !== undefined;
  } catch {
    return false;
  }
}

function kvCall(verb: Question['verb'], path: string, part: 'data' | 'metadata'): Call {
  const api = kvApiPath(path, part);
  return { verb, path: api, url: encodePath(api), writes: verb !== 'read' };
}
