import { describe, expect, test } from 'vitest';
import { InfraError } from '../../../src/lib/errors.ts';
import { runOperation } from '../../../src/lib/operation/engine.ts';
import type { Journal } from '../../../src/lib/operation/journal.ts';
import type { Planned, RunEvent, Step } from '../../../src/lib/operation/step.ts';

const clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };

function memoryJournal(): Journal & { readonly events: string[] } {
  const events: string[] = [];
  const header = {
    id: 'x',
    operation: 'o',
    target: 't',
    site: '/s',
    inputs: {},
    process: { pid: 1, startedAt: '0', host: 'h' },
    version: '0',
  };
  return {
    header,
    path: '/j',
    events,
    write: async (event, step) => void events.push(step === undefined ? event : `${event} ${step}`),
  };
}

function step(id: string, parts: Partial<Step> & { state?: Planned<unknown>['state'] } = {}): Step {
  const actions = [{ kind: 'x', target: id, summary: `do ${id}`, risk: 'write' as const }];
  return {
    id,
    title: id,
    plan: async () => ({ state: parts.state ?? 'ready', actions, payload: { of: id } }),
    apply: async () => `${id} applied`,
    verify: async () => [],
    ...parts,
  };
}

async function run(steps: readonly Step[], more: { dryRun?: boolean; interrupt?: AbortSignal } = {}) {
  const journal = memoryJournal();
  const events: RunEvent[] = [];
  const result = await runOperation(steps, {
    clients: { clock },
    journal: more.dryRun ? undefined : journal,
    dryRun: more.dryRun ?? false,
    interrupt: more.interrupt ?? new AbortController().signal,
    onEvent: (event) => events.push(event),
  });
  return { result, journal: journal.events, events };
}

const refused = new InfraError('stack.destroy-refused', 'refused', 'would delete');
const failed = new InfraError('stack.apply-failed', 'fail', 'apply failed');

describe('an operation', () => {
  test('hands each step the very value that it planned', async () => {
    const seen: unknown[] = [];
    const payload = { plan: 'this one' };
    const one = step('one', {
      plan: async () => ({ state: 'ready', actions: [], payload }),
      apply: async (planned) => {
        seen.push(planned.payload);
        return 'ok';
      },
    });
    await run([one]);
    expect(seen[0]).toBe(payload);
  });

  test('writes a journal line before and after each write', async () => {
    const { journal } = await run([step('one'), step('two', { state: 'done' })]);
    expect(journal).toEqual([
      'step-planned one',
      'step-applying one',
      'step-applied one',
      'step-verified one',
      'step-planned two',
      'step-verified two',
    ]);
  });

  test('a failure blocks what comes after it and is incomplete once something has changed', async () => {
    const { result } = await run([
      step('one'),
      step('two', {
        apply: async () => {
          throw failed;
        },
      }),
      step('three'),
    ]);
    expect(result.steps.map((each) => each.state)).toEqual(['applied', 'failed', 'blocked']);
    expect(result.status).toBe('incomplete');
    expect(result.error?.code).toBe('stack.apply-failed');
  });

  test('a refusal before anything was applied undoes the edit and keeps the status of the refusal', async () => {
    const edit = step('edit', { rollback: async () => ({ outcome: 'undone', detail: 'taken back' }) });
    const stack = step('stack', {
      plan: async () => {
        throw refused;
      },
    });
    const { result, journal } = await run([edit, stack]);
    expect(result.status).toBe('refused');
    expect(result.changed).toBe(false);
    expect(result.steps.map((each) => each.state)).toEqual(['rolled-back', 'refused']);
    expect(journal.slice(-2)).toEqual(['rollback-starting edit', 'rolled-back edit']);
  });

  test('a refusal after a stack was applied keeps the edit', async () => {
    let undone = false;
    const edit = step('edit', {
      rollback: async () => {
        undone = true;
        return { outcome: 'undone', detail: '' };
      },
    });
    const second = step('second', {
      plan: async () => {
        throw refused;
      },
    });
    const { result } = await run([edit, step('first'), second]);
    expect(undone).toBe(false);
    expect(result.status).toBe('incomplete');
    expect(result.error?.code).toBe('stack.destroy-refused');
  });

  test('an undo that cannot be proved stays and is incomplete', async () => {
    const edit = step('edit', {
      rollback: async () => ({ outcome: 'kept', detail: 'its namespace could not be read' }),
    });
    const stack = step('stack', {
      plan: async () => {
        throw refused;
      },
    });
    const { result } = await run([edit, stack]);
    expect(result.status).toBe('incomplete');
    expect(result.changed).toBe(true);
  });

  test('a dry run applies nothing and records nothing', async () => {
    let applied = false;
    const one = step('one', {
      apply: async () => {
        applied = true;
        return '';
      },
    });
    const { result, journal } = await run([one, step('two', { state: 'deferred' })], { dryRun: true });
    expect(applied).toBe(false);
    expect(journal).toEqual([]);
    expect(result.steps.map((each) => each.state)).toEqual(['planned', 'deferred']);
    expect(result.status).toBe('ok');
  });

  test('an interrupt stops before the next step and undoes nothing', async () => {
    const controller = new AbortController();
    let undone = false;
    const edit = step('edit', {
      apply: async () => {
        controller.abort(new InfraError('interrupted.sigterm', 'sigterm', 'Interrupted by SIGTERM.'));
        return 'written';
      },
      rollback: async () => {
        undone = true;
        return { outcome: 'undone', detail: '' };
      },
    });
    const { result } = await run([edit, step('two')], { interrupt: controller.signal });
    expect(result.steps.map((each) => each.state)).toEqual(['applied', 'interrupted']);
    expect(undone).toBe(false);
    expect(result.status).toBe('sigterm');
  });

  test('a defect is thrown on, not turned into a result', async () => {
    const broken = step('one', {
      plan: async () => {
        throw new TypeError('x is not a function');
      },
    });
    await expect(run([broken])).rejects.toThrow(TypeError);
  });
});
