import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InfraError, isInfraError } from '../../../src/lib/errors.ts';
import { readUsers } from '../../../src/lib/users/document.ts';
import { planEdit, removeEntry, type WriteOptions, writeEntry } from '../../../src/lib/users/edit.ts';
import { checkRules } from '../../../src/lib/users/rules.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { fakeSite } from '../../fakes/site.ts';
import { type FakeVault, fakeVault } from '../../fakes/vault.ts';
import { alice, BOB, facts, present, secretText, USERS } from './facts-for-tests.ts';

const site = fakeSite();
const PATH = 'secret/platform';
const options = (more: Partial<WriteOptions> = {}): WriteOptions => ({
  checkedVersion: 1,
  recheck: async (document) => checkRules(alice(), { ...facts(), users: document.users }),
  random: () => 0.5,
  ...more,
});

function start(users = USERS): { vault: FakeVault; clock: ReturnType<typeof fakeClock> } {
  const vault = fakeVault();
  vault.put(PATH, secretText(users));
  return { vault, clock: fakeClock() };
}

const stored = (vault: FakeVault): string => {
  const found = vault.kv.get(PATH);
  return found?.state === 'present' ? found.text : '';
};
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing thrown',
    (error) => (isInfraError(error) ? `${error.code} ${error.exitStatus}` : String(error)),
  );
const denyPatch = (call: string): void => {
  if (call === 'kvPatch') throw new InfraError('vault.denied', 'denied', 'no patch');
};

describe('planEdit', () => {
  const document = (users: string): ReturnType<typeof readUsers> => readUsers(present(secretText(users)), site);

  test('a new name is one line of difference', () => {
    const plan = planEdit(document(USERS), alice());
    expect(plan.state).toBe('absent');
    expect(plan.diff).toEqual(['+ alice  role namespace-owner, email alice@example.com, namespaces [alice]']);
    expect(plan.newText).toBe(
      `${USERS.slice(0, -1)},"alice":{"role":"namespace-owner","email":"alice@example.com","namespaces":["alice"]}}`,
    );
  });

  test('the same values are the same entry, in whatever form and with keys that nobody reads', () => {
    const users =
      '{"alice":{"team":1,"quota":{"cpu_requests":2,"pods":"20"},"domains":["b","a"],"namespaces":["alice"],"email":"alice@example.com","role":"namespace-owner"}}';
    const plan = planEdit(document(users), alice({ domains: ['a', 'b'], quota: { cpu_requests: '2000m' } }));
    expect([plan.state, plan.newText]).toEqual(['same', users]);
  });

  test('other values are a difference, line by line', () => {
    const plan = planEdit(document(`{"alice":${BOB}}`), alice({ quota: { pods: '1' } }));
    expect(plan.state).toBe('different');
    expect(plan.diff).toEqual([
      '- alice  email bob@example.com',
      '- alice  namespaces [bob-lab]',
      '- alice  domains [bob-app]',
      '+ alice  email alice@example.com',
      '+ alice  namespaces [alice]',
      '+ alice  quota pods=1',
    ]);
  });
});

describe('writeEntry', () => {
  test('patches one key and proves that the others are what they were', async () => {
    const clients = start();
    const result = await writeEntry(clients, site, alice(), options());
    expect(result).toMatchObject({
      version: 2,
      previousVersion: 1,
      otherKeys: 3,
      comparedKeys: true,
      attempts: 1,
      written: true,
    });
    expect(stored(clients.vault)).toBe(secretText(`${USERS.slice(0, -1)},"alice":${result.entryText}}`));
    expect(clients.vault.calls).toEqual([`kvRead ${PATH}`, `kvPatch ${PATH}`, `kvRead ${PATH}`]);
  });

  test('writes the whole secret, every other byte as it was, where PATCH is not allowed', async () => {
    const clients = start();
    clients.vault.before = denyPatch;
    const result = await writeEntry(clients, site, alice(), options());
    expect(stored(clients.vault)).toBe(secretText(`${USERS.slice(0, -1)},"alice":${result.entryText}}`));
  });

  test('whatever the document holds, both ways write the same text', async () => {
    const key = fc.string().filter((name) => name !== 'alice');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, fc.jsonValue()), fc.boolean(), async (users, patch) => {
        const clients = start(JSON.stringify(users));
        if (!patch) clients.vault.before = denyPatch;
        const { entryText } = await writeEntry(clients, site, alice(), options({ checkedVersion: 1 }));
        const written = readUsers(present(stored(clients.vault)), site);
        expect(written.users.get('alice')?.rawText).toBe(entryText);
        await removeEntry(clients, site, 'alice', entryText);
        expect(stored(clients.vault)).toBe(secretText(JSON.stringify(users)));
      }),
    );
  });

  test('a lost compare-and-set reads again, checks again and loses nothing', async () => {
    const clients = start();
    const others = [`${USERS.slice(0, -1)},"zoe":{"role":"admin","email":"zoe@example.com"}}`];
    clients.vault.before = (call) => {
      const users = call === 'kvPatch' ? others.pop() : undefined;
      if (users !== undefined) clients.vault.put(PATH, secretText(users));
    };
    const result = await writeEntry(clients, site, alice(), options());
    expect(result).toMatchObject({ version: 3, previousVersion: 2, attempts: 2 });
    expect(stored(clients.vault)).toContain('zoe');
    expect(clients.clock.slept).toEqual([40]);
  });

  test('what another writer took in the meantime is refused', async () => {
    const clients = start();
    const others = [`${USERS.slice(0, -1)},"zoe":{"role":"admin","email":"ALICE@example.com"}}`];
    clients.vault.before = (call) => {
      const users = call === 'kvPatch' ? others.pop() : undefined;
      if (users !== undefined) clients.vault.put(PATH, secretText(users));
    };
    expect(await codeOf(writeEntry(clients, site, alice(), options()))).toBe('users.email-taken 65');
    expect(stored(clients.vault)).not.toContain('"alice');
  });

  test('the same entry written by somebody else is nothing to write', async () => {
    const clients = start(
      `{"alice":{"role":"namespace-owner","email":"alice@example.com","namespaces":["alice"],"x":1}}`,
    );
    const result = await writeEntry(clients, site, alice(), options());
    expect([result.written, result.version]).toEqual([false, 1]);
    expect(await codeOf(writeEntry(clients, site, alice({ quota: { pods: '1' } }), options()))).toBe(
      'users.entry-differs 65',
    );
  });

  test('a busy writer of another key wins no minute: what was checked stands, and is written at once', async () => {
    const clients = start();
    const calls: string[] = [];
    const others = ['token-5', 'token-4', 'token-3', 'token-2', 'token-1'];
    clients.vault.before = (call) => {
      calls.push(call);
      const other = call === 'kvPatch' ? others.pop() : undefined;
      if (other !== undefined) clients.vault.put(PATH, secretText(USERS, other));
    };
    let checks = 0;
    // Somebody writes during every check, too, so the version that was checked is never the newest.
    const recheck = async (): Promise<[]> => {
      checks += 1;
      clients.vault.put(PATH, secretText(USERS, `token-at-check-${checks}`));
      return [];
    };
    const result = await writeEntry(clients, site, alice(), options({ checkedVersion: 0, recheck }));
    expect(result).toMatchObject({ written: true, attempts: 6, previousVersion: 7, version: 8, comparedKeys: true });
    expect([checks, clients.clock.slept]).toEqual([1, []]);
    expect(stored(clients.vault)).toContain('token-5');
    expect(calls.filter((call) => call === 'kvRead')).toHaveLength(7);
  });

  test('users that change between two writes are checked again before the next', async () => {
    const clients = start();
    const zoe = `${USERS.slice(0, -1)},"zoe":{"role":"admin","email":"ALICE@example.com"}}`;
    const others = [secretText(zoe), secretText(USERS, 'another')];
    clients.vault.before = (call) => {
      const text = call === 'kvPatch' ? others.pop() : undefined;
      if (text !== undefined) clients.vault.put(PATH, text);
    };
    expect(await codeOf(writeEntry(clients, site, alice(), options()))).toBe('users.email-taken 65');
    expect(stored(clients.vault)).toBe(secretText(zoe));
  });

  test('gives up with 75 after a minute of losing, having changed nothing', async () => {
    const clients = start();
    clients.vault.before = (call) => {
      if (call === 'kvPatch') clients.vault.put(PATH, secretText(USERS));
    };
    expect(await codeOf(writeEntry(clients, site, alice(), options()))).toBe('users.cas-lost 75');
    expect(clients.clock.monotonic()).toBeGreaterThan(60_000);
    expect(stored(clients.vault)).toBe(secretText(USERS));
  });

  test('50 writers at once lose nobody', async () => {
    const { vault } = start();
    vault.before = () => new Promise((resolve) => setImmediate(resolve));
    const names = Array.from({ length: 50 }, (_, i) => `u${i}`);
    await Promise.all(
      names.map((name) => {
        const user = alice({ email: `${name}@example.com`, namespaces: [name] }, name);
        return writeEntry({ vault, clock: fakeClock() }, site, user, options({ recheck: async () => [] }));
      }),
    );
    expect([...readUsers(present(stored(vault)), site).users.keys()].sort()).toEqual(
      ['bob', 'root-admin', ...names].sort(),
    );
  });

  test('a write without an answer counts when it is there, and changes nothing when it is not', async () => {
    const done = start();
    const { kvPatch } = done.vault;
    const lost = async (): Promise<number> => {
      throw new InfraError('vault.timeout', 'unavailable', 'no answer in 10 s');
    };
    const slow = {
      ...done.vault,
      kvPatch: (path: string, data: Record<string, unknown>, cas: number) => kvPatch(path, data, cas).then(lost),
    };
    expect(await writeEntry({ ...done, vault: slow }, site, alice(), options())).toMatchObject({
      written: true,
      version: 2,
    });
    const never = start();
    expect(
      await codeOf(writeEntry({ ...never, vault: { ...never.vault, kvPatch: lost } }, site, alice(), options())),
    ).toBe('vault.timeout 69');
  });

  test('a key that comes back different is said, status 5', async () => {
    const clients = start();
    let reads = 0;
    clients.vault.before = (call) => {
      reads += call === 'kvRead' ? 1 : 0;
      if (reads < 2) return;
      const text = stored(clients.vault).replace('"key"', '"another"');
      clients.vault.kv.set(PATH, present(text, 2));
    };
    expect(await codeOf(writeEntry(clients, site, alice(), options()))).toBe('users.readback-differs 5');
  });
});

describe('removeEntry', () => {
  test('takes back what was written, whatever others wrote since', async () => {
    const clients = start();
    const { entryText } = await writeEntry(clients, site, alice(), options());
    clients.vault.put(PATH, stored(clients.vault).replace('bob-app', 'bob-app2'));
    expect(await removeEntry(clients, site, 'alice', entryText)).toMatchObject({ written: true, version: 4 });
    expect(stored(clients.vault)).toBe(secretText(USERS.replace('bob-app', 'bob-app2')));
    expect(await removeEntry(clients, site, 'alice', entryText)).toMatchObject({ written: false });
  });

  test('leaves an entry that somebody changed', async () => {
    const clients = start();
    expect(await codeOf(removeEntry(clients, site, 'bob', '{}'))).toBe('users.undo-changed 5');
    expect(stored(clients.vault)).toBe(secretText(USERS));
  });
});
