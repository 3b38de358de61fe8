import { describe, expect, test } from 'vitest';
import { type RunOptions, run, TINY } from './run-program.ts';

/** Sends each signal once its text has been said on stderr. */
function sending(...signals: readonly (readonly [said: string, signal: NodeJS.Signals])[]): RunOptions {
  const left = [...signals];
  return {
    onStderr: (text, child) => {
      const next = left[0];
      if (next === undefined || !text.includes(next[0])) return;
      left.shift();
      child.kill(next[1]);
    },
  };
}

describe('a signal', () => {
  test.each([
    ['SIGINT', 130, 'sigint'],
    ['SIGTERM', 143, 'sigterm'],
    ['SIGHUP', 143, 'sigterm'],
  ] as const)('%s ends with %i and prints what is known as one document', async (signal, status, name) => {
    const ended = await run(TINY, ['wait', '--how', 'politely', '--json'], sending(['waiting', signal]));
    expect(ended.status).toBe(status);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      status: name,
      exitStatus: status,
      seen: ['first'],
      error: { code: `interrupted.${name}` },
    });
  });

  test('ends a command that does not listen', async () => {
    const ended = await run(TINY, ['wait', '--how', 'deaf', '--json'], sending(['waiting', 'SIGINT']));
    expect(ended.status).toBe(130);
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'sigint', error: { code: 'interrupted.sigint' } });
  });

  test('sent twice ends a deaf command at once, before its grace is over', async () => {
    const signals = sending(['waiting', 'SIGINT'], ['waiting', 'SIGTERM']);
    const ended = await run(TINY, ['wait', '--how', 'deaf'], {
      onStderr: (text, child) => {
        signals.onStderr?.(text, child);
        signals.onStderr?.(text, child);
      },
    });
    expect([130, 143]).toContain(ended.status);
    // At the end of the grace the error would have been printed.
    expect(ended.stderr).toBe('waiting\n');
  });

  test('waits for what must not be left behind, and says so to the second one', async () => {
    const signals = sending(['waiting', 'SIGINT'], ['interrupted', 'SIGINT']);
    const ended = await run(TINY, ['wait', '--how', 'holding', '--json'], signals);
    expect(ended.status).toBe(130);
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'sigint', seen: ['first', 'second'], rest: 'none' });
    expect(ended.stderr).toContain('Still waiting for a running program; it was asked once to stop.');
  });

  test('a defect ends it no sooner: what must not be left behind ends by itself, and then the defect is told', async () => {
    const ended = await run(TINY, ['wait', '--how', 'breaking', '--json']);
    expect(ended.status).toBe(70);
    const document = JSON.parse(ended.stdout);
    expect(document).toMatchObject({ status: 'bug', exitStatus: 70, seen: ['first', 'second'], rest: 'none' });
    expect(document.error.code).toBe('bug.unexpected');
    expect(ended.stderr).toContain('A defect of infra: what runs is asked once to end, and its state is saved.');
    expect(ended.stderr).toContain('error bug.unexpected:');
  });
});
