import { describe, expect, test } from 'vitest';
import { candidates, type Manifest } from '../../../src/lib/cli/completion/candidates.ts';

const flag = (name: string, rest: object = {}) => ({ name, type: 'boolean' as const, ...rest });
const MANIFEST: Manifest = {
  commands: {
    doctor: { id: 'doctor', summary: 'Check what is needed. And more.', args: {}, flags: { json: flag('json') } },
    secretly: { id: 'secretly', hidden: true, args: {}, flags: {} },
    'user:add': {
      id: 'user:add',
      summary: 'Add a user.',
      args: { name: { name: 'name' } },
      flags: {
        json: flag('json', { description: 'Print JSON.' }),
        role: { name: 'role', type: 'option', options: ['admin', 'power-user'] },
        domain: { name: 'domain', type: 'option', multiple: true },
        apply: flag('apply', { allowNo: true, description: '--no-apply stops. Early.' }),
        drift: flag('drift', { allowNo: true, description: 'Ask the cluster.' }),
      },
    },
    // As in the real manifest, the longer one comes first.
    'look:up': { id: 'look:up', args: {}, flags: { far: flag('far') } },
    look: { id: 'look', args: {}, flags: { json: flag('json') } },
    'look:at': { id: 'look:at', args: { thing: { name: 'thing' } }, flags: {} },
    'see:at': { id: 'see:at', args: { thing: { name: 'thing' } }, flags: {} },
    'user:verify': { id: 'user:verify', args: { user: { name: 'user', multiple: true } }, flags: {} },
  },
};
const NAMES = {
  user: async () => ['alice', 'anna', 'bob'],
  thing: async () => ['star', 'own'],
  'look:at thing': async () => ['own'],
  look: async () => ['own'],
};
const offered = async (...typed: string[]) =>
  (await candidates(typed, MANIFEST, { user: 'Users.' }, NAMES)).map(({ value }) => value);

describe('completion offers', () => {
  test('commands and topics that are not hidden, each once and with what it is', async () => {
    expect(await candidates([''], MANIFEST, { user: 'Users: add.' }, NAMES)).toEqual([
      { value: 'doctor', description: 'Check what is needed' },
      { value: 'user', description: 'Users: add' },
      { value: 'look', description: '' },
      { value: 'see', description: '' },
    ]);
  });
  test('the words of a topic', async () => expect(await offered('user', '')).toEqual(['add', 'verify']));
  test('what follows a command that is a topic too, and its flags as long as nothing follows', async () => {
    expect(await offered('look', '')).toEqual(['up', 'at', 'own']);
    expect(await offered('look', '--')).toEqual(['--json']);
    expect(await offered('look', 'up', '--')).toEqual(['--far']);
  });
  test('what a command means by a name, where others mean something else', async () => {
    expect(await offered('look', 'at', '')).toEqual(['own']);
    expect(await offered('see', 'at', '')).toEqual(['star', 'own']);
  });
  test('what begins like the word', async () => expect(await offered('user', 'v')).toEqual(['verify']));
  test('flags that are not there yet', async () => {
    expect(await offered('user', 'add', '--')).toEqual([
      '--json',
      '--role',
      '--domain',
      '--no-apply',
      '--apply',
      '--no-drift',
      '--drift',
    ]);
    const used = ['--json', '--domain', 'x', '--no-apply', '--drift'];
    expect(await offered('user', 'add', ...used, '--')).toEqual(['--role', '--domain']);
  });
  test('the way to leave out what is done unasked, and what that is', async () => {
    expect(await candidates(['user', 'add', '--no-'], MANIFEST, {}, NAMES)).toEqual([
      { value: '--no-apply', description: '--no-apply stops' },
      { value: '--no-drift', description: 'Not: Ask the cluster' },
    ]);
  });
  test('the same behind global flags that stand before the command', async () => {
    expect(await offered('--repo', '/tmp', 'user', 'v')).toEqual(['verify']);
    expect(await offered('--repo=/tmp', '--json', 'user', '')).toEqual(['add', 'verify']);
    expect(await offered('--repo', '=', '/tmp', 'do')).toEqual(['doctor']);
    expect(await offered('--json', 'user', 'verify', 'al')).toEqual(['alice']);
    expect(await offered('--json', 'doctor', '--')).toEqual([]);
    expect(await offered('--repo', '')).toEqual([]);
  });
  test('values of a flag, with a blank, with = and as bash splits it', async () => {
    expect(await offered('user', 'add', '--role', '')).toEqual(['admin', 'power-user']);
    expect(await offered('user', 'add', '--role=a')).toEqual(['--role=admin']);
    expect(await offered('user', 'add', '--role', '=', 'p')).toEqual(['power-user']);
    expect(await offered('user', 'add', '--role', '=')).toEqual(['admin', 'power-user']);
  });
  test('users where a user is expected, again and again where many are', async () => {
    expect(await offered('user', 'verify', 'a')).toEqual(['alice', 'anna']);
    expect(await offered('user', 'verify', 'alice', '')).toEqual(['alice', 'anna', 'bob']);
  });
  test('nothing for a new name, behind --, or for words that are no command', async () => {
    expect(await offered('user', 'add', '')).toEqual([]);
    expect(await offered('user', 'verify', '--', '')).toEqual([]);
    expect(await offered('constructor', '')).toEqual([]);
  });
});
