import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { appliesOf, everything, leftovers } from './user-add/platform.ts';
import { onTerminal } from './user-add/terminal.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

it('asks on a terminal once everything was shown: no changes nothing, yes applies', async () => {
  await sandbox.setFaults({ woodpecker: { drift: true } });
  const before = everything(sandbox);
  const no = onTerminal(sandbox, ['stack', 'apply', 'woodpecker']);
  await no.shows('Apply 1 change to 1 stack?');
  expect(no.screen()).toContain('Who may notice');
  no.press('n\r');
  expect(await no.ended).toBe(4);
  expect(everything(sandbox)).toEqual(before);

  const yes = onTerminal(sandbox, ['stack', 'apply', 'woodpecker']);
  await yes.shows('Apply 1 change to 1 stack?');
  yes.press('y\r');
  expect(await yes.ended).toBe(0);
  expect(yes.screen()).toContain('1 updated');
  expect(appliesOf(sandbox, 'woodpecker')).toHaveLength(1);
  expect(leftovers(sandbox)).toEqual([]);
});
