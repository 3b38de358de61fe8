import type { Clients } from '../clients/clients.ts';
import type { KvRead } from '../clients/vault/client.ts';
import { beforeAnyChange, InfraError, isInfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import type { UsersDocument } from './document.ts';
import { readUsers } from './document.ts';
import { memberDigests, replaceMember } from './json-text.ts';

type Present = Extract<KvRead, { state: 'present' }>;

/** How the users' text is to change. */
export type UsersChange = {
  /** The new text for the document just read, or undefined when there is nothing to write. Throws to give up. */
  readonly next: (document: UsersDocument, attempt: number) => Promise<string | undefined>;
  /** True when a document has what this change wanted; asked of what is read back, which others may have changed since. */
  readonly holds: (document: UsersDocument) => boolean;
  readonly interrupt?: AbortSignal;
  /** Between 0 and 1, for the back-off; Math.random by default. */
  readonly random?: () => number;
};

/**
 * A change that was read back. `otherKeys` is the number of keys beside the users' in the secret; they were compared
 * with what they were when `comparedKeys` is true, which is not possible when somebody wrote again before the read.
 */
export type ChangeResult = {
  readonly version: number;
  readonly previousVersion: number;
  readonly otherKeys: number;
  readonly comparedKeys: boolean;
  readonly attempts: number;
  readonly written: boolean;
};

/** How long losing against other writers goes on: 50 writers at once need a few seconds. */
const GIVE_UP_MS = 60_000;
const FIRST_WAIT_MS = 40;
const LONGEST_WAIT_MS = 2_000;
/** How often one check of the users may be written before it is made anew, while only other keys change. */
const WRITES_PER_CHECK = 8;

/**
 * Reads, changes and writes the users with compare-and-set until it is done: a merge-patch of the one key, or the whole
 * secret with every other byte as it was where Vault does not allow PATCH. Then reads back and compares.
 *
 * A loss to somebody who wrote the users waits and starts over, checks included. A loss to somebody who wrote another
 * key leaves what was checked as it was, so it is read again and written at once: the checks ask servers and take many
 * times as long as a write, and a busy writer of another key would win against them every time.
 *
 * Errors: those of `readUsers`, `change.next` and `Vault`; `users.cas-lost` (75) when others wrote first for a minute;
 * `users.write-unanswered` (5) when a write got no answer and nobody can tell; `users.readback-differs` (5).
 * `nothingChanged` is set on every error that comes before a write which may have been carried out.
 */
export async function changeUsers(
  clients: Pick<Clients, 'vault' | 'clock'>,
  site: Site,
  change: UsersChange,
): Promise<ChangeResult> {
  const { clock } = clients;
  const path = site.vault.users.path.value;
  const began = clock.monotonic();
  const write = makeWriter(clients, site);
  let attempts = 0;
  for (let check = 1; ; check += 1) {
    const checked = await beforeWrite(async () => {
      const now = await readNow(clients, site);
      return { ...now, text: await change.next(now.document, check) };
    });
    const { before, document, text } = checked;
    if (text === undefined) {
      const { version } = document;
      const otherKeys = memberDigests(before.text).size - 1;
      const found = { version, previousVersion: version, otherKeys, comparedKeys: false };
      return { ...found, attempts: attempts + 1, written: false };
    }
    const ended = await writeChecked(clients, site, write, { before, document, text });
    attempts += ended.tries;
    if (ended.version !== undefined) {
      const { version, before: last } = ended;
      const compared = await readBack(clients, site, change, last, { version, text });
      return { ...compared, version, previousVersion: last.version, attempts, written: true };
    }
    if (clock.monotonic() - began > GIVE_UP_MS) {
      throw new InfraError(
        'users.cas-lost',
        'busy',
        `${path} was changed by others ${attempts} times before this change could be written. Nothing was changed.`,
        {
          hints: ['Run the same command again when the other writers are done.', `vault kv metadata get ${path}`],
          cause: ended.lost,
          nothingChanged: true,
        },
      );
    }
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(check, 10));
    await beforeWrite(() => clock.sleep(Math.ceil((change.random ?? Math.random)() * longest), change.interrupt));
  }
}

type Writer = (before: Present, text: string) => Promise<number>;
type Now = { readonly before: Present; readonly document: UsersDocument };

/** Writes what was checked, again and again while the users stay what they were; `lost` is why it was not written. */
async function writeChecked(
  clients: Pick<Clients, 'vault'>,
  site: Site,
  write: Writer,
  checked: Now & { readonly text: string },
): Promise<{ tries: number; before: Present; version?: number; lost?: unknown }> {
  let { before } = checked;
  for (let tries = 1; ; tries += 1) {
    try {
      return { tries, before, version: await write(before, checked.text) };
    } catch (lost) {
      if (!isInfraError(lost, 'vault.cas-lost')) throw lost;
      const now = await beforeWrite(() => readNow(clients, site));
      if (tries === WRITES_PER_CHECK || now.document.text !== checked.document.text) return { tries, before, lost };
      before = now.before;
    }
  }
}

async function readNow(clients: Pick<Clients, 'vault'>, site: Site): Promise<Now> {
  const read = await clients.vault.kvRead(site.vault.users.path.value);
  // Only a secret that is there can be read as users: everything else is an error of `readUsers`.
  const document = readUsers(read, site);
  return { before: read as Present, document };
}

/** A compare-and-set that lost wrote nothing, so what comes before the next one has changed nothing either. */
async function beforeWrite<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw beforeAnyChange(error);
  }
}

/** PATCH needs a capability of its own, which roles that may write do not always have; found out once. */
function makeWriter(clients: Pick<Clients, 'vault'>, site: Site): Writer {
  const path = site.vault.users.path.value;
  const key = site.vault.users.key.value;
  let mayPatch = true;
  return async (before, text) => {
    if (mayPatch) {
      try {
        return await clients.vault.kvPatch(path, { [key]: text }, before.version);
      } catch (caught) {
        if (!isInfraError(caught, 'vault.denied', 'vault.method-not-allowed'))
          return await settle(clients, site, before, text, caught);
        mayPatch = false;
      }
    }
    try {
      return await clients.vault.kvReplace(path, replaceMember(before.text, key, JSON.stringify(text)), before.version);
    } catch (caught) {
      return await settle(clients, site, before, text, caught);
    }
  };
}

/**
 * A write without an answer may have been done: asks once more and returns the version when it was. An unchanged version
 * is no proof that it will not be: the request may still be on its way, so the error promises nothing.
 */
async function settle(
  clients: Pick<Clients, 'vault'>,
  site: Site,
  before: Present,
  text: string,
  caught: unknown,
): Promise<number> {
  // Only these may come after the write was carried out; all others are Vault's own refusal of it.
  if (!isInfraError(caught, 'vault.timeout', 'vault.unreachable', 'vault.not-json', 'vault.failed'))
    throw beforeAnyChange(caught);
  const path = site.vault.users.path.value;
  const unknown = (what: string): InfraError =>
    new InfraError('users.write-unanswered', 'incomplete', `The write to ${path} got no proper answer, and ${what}.`, {
      hints: [
        'Run the same command again: it reads first, and completes or finds nothing to change.',
        `vault kv metadata get ${path}`,
      ],
      cause: caught,
    });
  const read = await clients.vault.kvRead(path).catch((again: unknown) => {
    if (!isInfraError(again)) throw again;
    throw unknown('asking whether it was done failed too');
  });
  if (read.state === 'present' && read.version === before.version) throw caught;
  if (read.state === 'present' && read.data[site.vault.users.key.value] === text) return before.version + 1;
  throw unknown('the secret has changed since');
}

async function readBack(
  clients: Pick<Clients, 'vault'>,
  site: Site,
  change: UsersChange,
  before: Present,
  written: { readonly version: number; readonly text: string },
): Promise<{ readonly otherKeys: number; readonly comparedKeys: boolean }> {
  const path = site.vault.users.path.value;
  const key = site.vault.users.key.value;
  const differs = (what: string): InfraError =>
    new InfraError(
      'users.readback-differs',
      'incomplete',
      `${path} was written as version ${written.version}, and what was read back differs: ${what}.`,
      {
        hints: [
          `vault kv metadata get ${path}`,
          `vault kv get -version=${before.version} -format=json ${path}   (before the write)`,
        ],
      },
    );
  const read = await clients.vault.kvRead(path);
  if (read.state !== 'present' || read.version < written.version)
    throw differs(`it is ${read.state} at an older version`);
  const digests = memberDigests(read.text);
  const otherKeys = digests.size - 1;
  const document = readUsers(read, site);
  if (read.version > written.version) {
    if (!change.holds(document)) throw differs(`somebody wrote version ${read.version} and undid it`);
    return { otherKeys, comparedKeys: false };
  }
  if (document.text !== written.text) throw differs(`${key} is not the text that was written`);
  const expected = memberDigests(before.text);
  const changed = [...new Set([...expected.keys(), ...digests.keys()])].filter(
    (name) => name !== key && expected.get(name) !== digests.get(name),
  );
  if (changed.length > 0) throw differs(`the keys ${changed.join(', ')} are not what they were`);
  return { otherKeys, comparedKeys: true };
}
