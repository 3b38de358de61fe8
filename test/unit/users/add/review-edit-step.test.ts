import { expect, test } from 'vitest';
import { InfraError } from '../../../../src/lib/errors.ts';
import { runOperation } from '../../../../src/lib/operation/engine.ts';
import type { Step } from '../../../../src/lib/operation/step.ts';
import type { AddContext } from '../../../../src/lib/users/add/request.ts';
import { type EditMemory, editStep } from '../../../../src/lib/users/add/steps/edit.ts';
import { fakeClock } from '../../../fakes/clock.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { type FakeVault, fakeVault } from '../../../fakes/vault.ts';
import { alice, facts, secretText, USERS } from '../facts-for-tests.ts';

const PATH = 'secret/platform';

/** Runs the edit alone as `user add` does; the rules were checked against `USERS`. */
async function edit(vault: FakeVault, interrupt = new AbortController()) {
  const clock = fakeClock();
  const memory: EditMemory = { written: undefined };
  const context = { clients: { vault, clock }, site: fakeSite() } as unknown as AddContext;
  const step = editStep(context, alice(), facts(), memory, async () => ({ may: true, because: 'proved' })) as Step;
  const written: string[] = [];
  const result = await runOperation([step], {
    clients: { clock },
    journal: {
      header: {} as never,
      path: '',
      write: async (event, _step, data) => void written.push(`${event} ${JSON.stringify(data ?? {})}`),
    },
    dryRun: false,
    interrupt: interrupt.signal,
    onEvent: () => {},
  });
  return { result, written };
}

const withUser = (name: string, entry: object): string =>
  `${USERS.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(entry)}}`;
const carol = { role: 'power-user', email: 'alice@example.com' };

test('an entry that somebody added between the preflight and the edit is judged by the rules again', async () => {
  const vault = fakeVault();
  vault.put(PATH, secretText(USERS));
  vault.put(PATH, secretText(withUser('carol', carol)));
  const { result } = await edit(vault);
  expect(result).toMatchObject({ status: 'data', changed: false, error: { code: 'users.email-taken' } });
  expect(vault.kv.get(PATH)).toMatchObject({ version: 2 });
});

test.each([
  ['users.email-taken', withUser('carol', carol)],
  ['users.entry-differs', withUser('alice', { role: 'power-user', email: 'other@example.com' })],
])('an edit that lost against somebody else and may not be made any more changed nothing: %s', async (code, users) => {
  const vault = fakeVault();
  vault.put(PATH, secretText(USERS));
  let isFirst = true;
  vault.before = (call: string) => {
    if (call !== 'kvPatch' || !isFirst) return;
    isFirst = false;
    vault.put(PATH, secretText(users));
  };
  const { result } = await edit(vault);
  expect(result).toMatchObject({ status: 'data', changed: false, error: { code } });
});

test('a write that Vault refuses changed nothing', async () => {
  const vault = fakeVault();
  vault.put(PATH, secretText(USERS));
  vault.before = (call: string) => {
    if (call === 'kvPatch' || call === 'kvReplace') throw new InfraError('vault.denied', 'denied', 'no');
  };
  expect((await edit(vault)).result).toMatchObject({ status: 'denied', changed: false });
});

test('a write without an answer may have been made, even when it cannot be seen yet', async () => {
  const vault = fakeVault();
  vault.put(PATH, secretText(USERS));
  vault.before = (call: string) => {
    if (call === 'kvPatch') throw new InfraError('vault.timeout', 'unavailable', 'no answer');
  };
  expect((await edit(vault)).result).toMatchObject({ status: 'incomplete', changed: true });
});

test('an edit that was written and could not be read back says so', async () => {
  const vault = fakeVault();
  vault.put(PATH, secretText(USERS));
  let isWritten = false;
  vault.before = (call: string) => {
    if (call === 'kvRead' && isWritten) throw new InfraError('vault.unreachable', 'unavailable', 'gone');
    if (call === 'kvPatch') isWritten = true;
  };
  expect((await edit(vault)).result).toMatchObject({ status: 'incomplete', changed: true });
});
