import { expect, test } from 'vitest';
import { InfraError } from '../../../src/lib/errors.ts';
import { runOperation } from '../../../src/lib/operation/engine.ts';
import type { Step } from '../../../src/lib/operation/step.ts';

const clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };

function step(id: string, parts: Partial<Step> = {}): Step {
  return {
    id,
    title: id,
    plan: async () => ({ state: 'ready', actions: [], payload: undefined }),
    apply: async () => 'applied',
    verify: async () => [],
    ...parts,
  };
}

/** Runs steps with a journal on a disk that is full from the first line of this kind on. */
async function runUntilFull(steps: readonly Step[], fullFrom: string) {
  const lines: string[] = [];
  let isFull = false;
  const result = await runOperation(steps, {
    clients: { clock },
    journal: {
      header: {} as never,
      path: '',
      async write(event, of) {
        const line = of === undefined ? event : `${event} ${of}`;
        isFull ||= line === fullFrom;
        if (isFull) throw new InfraError('files.disk-full', 'unavailable', 'no space left');
        lines.push(line);
      },
    },
    dryRun: false,
    interrupt: new AbortController().signal,
    onEvent: () => {},
  });
  return { result, lines };
}

test('a journal that cannot be written before a step keeps that step from being applied', async () => {
  let applied = 0;
  const one = step('one', {
    apply: async () => {
      applied += 1;
      return 'applied';
    },
  });
  const { result } = await runUntilFull([one, step('two')], 'step-applying one');
  expect(applied).toBe(0);
  expect(result).toMatchObject({ status: 'unavailable', changed: false, error: { code: 'files.disk-full' } });
  expect(result.steps.map(({ state }) => state)).toEqual(['failed', 'blocked']);
});

test('a journal that cannot be written after a step was applied leaves the operation incomplete', async () => {
  const { result } = await runUntilFull([step('one'), step('two')], 'step-applied one');
  expect(result).toMatchObject({ status: 'incomplete', changed: true, error: { code: 'files.disk-full' } });
});

test('nothing is taken back that cannot be journalled first', async () => {
  let undone = 0;
  const one = step('one', {
    rollback: async () => {
      undone += 1;
      return { outcome: 'undone', detail: 'gone' };
    },
  });
  const two = step('two', {
    plan: async () => {
      throw new InfraError('stack.destroy-refused', 'refused', 'would delete');
    },
  });
  const { result } = await runUntilFull([one, two], 'rollback-starting one');
  expect(undone).toBe(0);
  expect(result).toMatchObject({ status: 'incomplete', changed: true, error: { code: 'stack.destroy-refused' } });
});

test('what was taken back is taken back, although the journal cannot say so any more', async () => {
  const one = step('one', { rollback: async () => ({ outcome: 'undone', detail: 'gone' }) });
  const two = step('two', {
    plan: async () => {
      throw new InfraError('stack.destroy-refused', 'refused', 'would delete');
    },
  });
  const { result } = await runUntilFull([one, two], 'rolled-back one');
  expect(result).toMatchObject({ status: 'refused', changed: false });
});

test.each(['refused', 'busy'] as const)(
  'a step that was applied has changed something, also when its proof is %s',
  async (status) => {
    const one = step('one', {
      verify: async () => {
        throw new InfraError('x', status, 'not proved');
      },
    });
    const { result } = await runUntilFull([one], 'never');
    expect(result).toMatchObject({ status: 'incomplete', changed: true });
  },
);
