import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InfraError, isInfraError } from '../../../src/lib/errors.ts';
import { readUsers, type UsersDocument } from '../../../src/lib/users/document.ts';
import { entryDiffers, planEdit, removeEntry, writeEntry } from '../../../src/lib/users/edit.ts';
import type { User } from '../../../src/lib/users/entry.ts';
import { readJson } from '../../../src/lib/users/json-reader.ts';
import { checkRules, formViolations, rulesError } from '../../../src/lib/users/rules.ts';
import { entryJson, type ParsedUser, userFromFlags, userFromJson, violation } from '../../../src/lib/users/schema.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { fakeSite } from '../../fakes/site.ts';
import { fakeVault } from '../../fakes/vault.ts';
import { alice, facts, present, secretText } from './facts-for-tests.ts';
import { brokenText, entryText, jsonSource, objectSource, word } from './property-sources.ts';

const site = fakeSite();
const PATH = 'secret/platform';
const RUNS = { numRuns: 300 };

/** Runs work that may fail in an expected way only. */
async function expected<T>(work: () => T | Promise<T>): Promise<T | InfraError> {
  try {
    return await work();
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    expect(caught.status).not.toBe('bug');
    return caught;
  }
}

/** A Vault in memory whose users are this text, beside keys of others. */
function stored(users: string) {
  const vault = fakeVault();
  vault.put(PATH, secretText(users));
  const secret = (): string => {
    const found = vault.kv.get(PATH);
    return found?.state === 'present' ? found.text : '';
  };
  const writes = (): readonly string[] => vault.calls.filter((call) => !call.startsWith('kvRead'));
  return { vault, clock: fakeClock(), secret, writes };
}

const options = { checkedVersion: 1, recheck: async () => [], random: () => 0.5 };

describe('JSON', () => {
  test('exactly the texts that JSON.parse reads are read', () => {
    fc.assert(
      fc.property(fc.oneof(jsonSource, brokenText, fc.string(), fc.json()), (text) => {
        const reading = readJson(text);
        expect(reading.ok, text).toBe(parses(text));
        if (!reading.ok) expect(reading.problem.offset).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a document', () => {
  test('whatever it is, it is read or refused with 65, and every entry is the source that stood there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(objectSource, jsonSource, brokenText, fc.string()), async (text) => {
        const read = await expected(() => readUsers(present(secretText(text)), site));
        if (read instanceof InfraError) {
          expect([read.exitStatus, read.code.startsWith('users.document-')]).toEqual([65, true]);
          return;
        }
        for (const [name, user] of read.users) {
          expect(text).toContain(user.rawText);
          expect(JSON.parse(user.rawText)).toEqual(ownValue(JSON.parse(text), name));
        }
      }),
      RUNS,
    );
  });

  test('an edit and its undo leave every byte, unknown keys and numbers beyond 2^53 too', async () => {
    await fc.assert(
      fc.asyncProperty(objectSource, fc.boolean(), async (users, mayPatch) => {
        const { vault, clock, secret } = stored(users);
        vault.before = (call) => {
          if (call === 'kvPatch' && !mayPatch) throw new InfraError('vault.denied', 'denied', 'no patch');
        };
        const before = secret();
        const written = await expected(() => writeEntry({ vault, clock }, site, alice(), options));
        if (written instanceof InfraError || !written.written) {
          expect(secret()).toBe(before);
          return;
        }
        const after = readUsers(present(secret()), site);
        expect(after.users.get('alice')?.rawText).toBe(entryJson(alice().entry));
        for (const user of readUsers(present(before), site).users.values()) {
          expect(after.users.get(user.name)?.rawText).toBe(user.rawText);
        }
        expect(secret().replace(JSON.stringify(after.text), JSON.stringify(users))).toBe(before);
        await removeEntry({ vault, clock }, site, 'alice', written.entryText);
        expect(secret()).toBe(before);
      }),
      RUNS,
    );
  });

  test('what is refused is never written, whenever it is refused', async () => {
    await fc.assert(
      fc.asyncProperty(objectSource, fc.boolean(), async (users, changed) => {
        const { vault, clock, secret, writes } = stored(users);
        const refusing = {
          checkedVersion: changed ? 0 : 1,
          recheck: async () => [violation('name-form', 'Refused.')],
          random: () => 0.5,
        };
        const before = secret();
        const result = await expected(() => writeEntry({ vault, clock }, site, alice(), refusing));
        const isWritten = !(result instanceof InfraError) && result.written;
        if (changed) expect(isWritten).toBe(false);
        if (!isWritten) expect([writes(), secret()]).toEqual([[], before]);
      }),
      RUNS,
    );
  });
});

describe('an input', () => {
  test('flags of any words are a user that keeps the rules, or violations that can be shown', () => {
    const input = fc.record(
      {
        name: word,
        role: word,
        email: word,
        namespaces: fc.array(word, { maxLength: 4 }),
        domains: fc.array(word, { maxLength: 4 }),
        quota: fc.array(
          fc.oneof(
            word,
            fc.tuple(word, word).map(([key, value]) => `${key}=${value}`),
          ),
          { maxLength: 5 },
        ),
      },
      { requiredKeys: ['name'] },
    );
    fc.assert(
      fc.property(input, (typed) => {
        const parsed = userFromFlags(typed);
        judged(typed.name, parsed);
        if (parsed.ok) expect(Object.keys(parsed.user.entry.quota)).toHaveLength(typed.quota?.length ?? 0);
      }),
      { numRuns: 1000, examples: [[{ name: 'alice', email: 'alice@example.com', quota: ['__proto__=1'] }]] },
    );
  });

  test('any text on standard input is a user that keeps the rules, or violations that can be shown', () => {
    fc.assert(
      fc.property(word, fc.oneof(entryText, objectSource, jsonSource, brokenText), (name, text) =>
        judged(name, userFromJson(name, text)),
      ),
      { numRuns: 1000 },
    );
  });

  test('a user that keeps the rules is written once, and found again by the same input', async () => {
    await fc.assert(
      fc.asyncProperty(objectSource, entryText, async (users, text) => {
        const { vault, clock, secret } = stored(users);
        const parsed = userFromJson('alice', text);
        const document = await expected(() => readUsers(present(secretText(users)), site));
        if (!parsed.ok || document instanceof InfraError || document.users.has('alice')) return;
        if (checkRules(parsed.user, facts({}, users)).length > 0) return;
        await writeEntry({ vault, clock }, site, parsed.user, options);
        const again: UsersDocument = readUsers(present(secret()), site);
        expect(again.users.get('alice')?.entry).toEqual(parsed.user.entry);
        expect(planEdit(again, parsed.user).state).toBe('same');
      }),
      { numRuns: 1000 },
    );
  });

  test('an entry that is there with other values is told without moving the cursor, however long it is', () => {
    fc.assert(
      fc.property(word, word, (email, namespace) => {
        const users = JSON.stringify({ alice: { role: 'namespace-owner', email, namespaces: [namespace] } });
        const plan = planEdit(readUsers(present(secretText(users)), site), alice());
        if (plan.state === 'different') isShowable(entryDiffers(alice(), plan).message);
      }),
      RUNS,
    );
  });
});

/** Judges a parsed input as the command does, with facts that forbid nothing. */
function judged(name: string, parsed: ParsedUser): void {
  const violations = parsed.ok ? checkRules(parsed.user, facts()) : formViolations(parsed);
  if (!parsed.ok) expect(violations.length).toBeGreaterThan(0);
  if (parsed.ok) survives(parsed.user);
  if (violations.length === 0) return;
  const error = rulesError(name, violations);
  expect([64, 65, 77, 69]).toContain(error.exitStatus);
  for (const text of [error.message, ...error.violations.map((each) => each.message), ...error.hints]) isShowable(text);
}

/** What is stored says what was decided, in every field. */
function survives({ entry }: User): void {
  const { role, email, namespaces = [], domains = [], quota = {} } = JSON.parse(entryJson(entry));
  expect({ role, email, namespaces, domains, quota }).toEqual(entry);
}

/** Nothing that moves a cursor or turns the direction of writing; never endless. */
function isShowable(text: string): void {
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  expect(text.length).toBeLessThan(3000);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The value of an own key; `__proto__` is one after JSON.parse. */
function ownValue(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}
