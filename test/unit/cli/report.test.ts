import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { makeOutput } from '../../../src/lib/cli/output.ts';
import { type AnyOutcome, type Run, report } from '../../../src/lib/cli/report.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { fakeHost } from '../../fakes/host.ts';

const document = {
  command: 'user show',
  payload: z.object({ name: z.string(), quota: z.object({ pods: z.string() }).optional() }),
};

function reported(outcome: AnyOutcome, options: { json?: boolean; secrets?: string[]; signal?: 'sigint' } = {}) {
  const { host, interrupter, seen } = fakeHost(options.secrets);
  const globals = { json: options.json ?? true, quiet: false, debug: false, noColor: false, repo: undefined };
  const run: Run = {
    host,
    output: makeOutput(host, globals),
    json: globals.json,
    words: 'user show',
    document,
    startedAt: host.now(),
    startedMs: 0,
  };
  if (options.signal !== undefined) interrupter.interrupt(options.signal);
  report(run, outcome);
  return seen();
}

const fine = (payload: object): AnyOutcome => ({
  status: 'ok',
  payload: { name: 'alice', ...payload },
  text: () => 'alice',
});

describe('a document', () => {
  test('has the envelope first, then the payload, and nothing that is not named', () => {
    const { stdout, exitStatus } = reported(fine({ quota: { pods: '20', token: 'x' }, internal: { password: 'x' } }));
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      command: 'user show',
      status: 'ok',
      exitStatus: 0,
      startedAt: '2026-01-02T03:04:05.678Z',
      durationMs: 0,
      name: 'alice',
      quota: { pods: '20' },
    });
    expect(exitStatus).toBe(0);
  });

  test('cannot be made to say another status by its payload', () => {
    expect(JSON.parse(reported(fine({ status: 'bug', exitStatus: 9 })).stdout)).toMatchObject({
      status: 'ok',
      exitStatus: 0,
    });
  });

  test('stays JSON when a value that is redacted has no end', () => {
    const { stdout } = reported(
      fine({ name: 'x -----BEGIN PRIVATE KEY-----\nMIIE', quota: { pods: 'hunter22-pod' } }),
      {
        secrets: ['hunter22'],
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({ name: 'x [secret]', quota: { pods: '[secret]-pod' } });
  });

  test('of a failure may hold part of the payload, and of an error only what is named', () => {
    const error = new InfraError('users.invalid', 'data', 'Two rules are broken.', {
      hints: ['Nothing was changed.'],
      violations: [{ code: 'users.email', message: 'No e-mail.' }],
      cause: Object.assign(new Error('raw'), { config: { token: 'x' } }),
    });
    expect(JSON.parse(reported({ payload: { quota: { pods: '1' } }, error }).stdout)).toMatchObject({
      status: 'data',
      exitStatus: 65,
      quota: { pods: '1' },
      error: {
        code: 'users.invalid',
        message: 'Two rules are broken.',
        hints: ['Nothing was changed.'],
        violations: [{ code: 'users.email', message: 'No e-mail.' }],
      },
    });
  });

  test('that does not fit its schema is a defect, not half a document', () => {
    const { stdout, exitStatus } = reported(fine({ name: 7 }));
    expect(JSON.parse(stdout)).toMatchObject({ status: 'bug', error: { code: 'bug.unexpected' } });
    expect(exitStatus).toBe(70);
  });
});

describe('a signal', () => {
  test('is the status, whatever was found, and the reason unless there is a better one', () => {
    const found: AnyOutcome = { status: 'fail', payload: { name: 'alice' }, text: () => 'alice' };
    expect(JSON.parse(reported(found, { signal: 'sigint' }).stdout)).toMatchObject({
      status: 'sigint',
      exitStatus: 130,
      name: 'alice',
      error: { code: 'interrupted.sigint', message: expect.stringContaining('known by then') },
    });
    const incomplete = { payload: {}, error: new InfraError('stack.apply-failed', 'incomplete', 'rbac failed.') };
    expect(JSON.parse(reported(incomplete, { signal: 'sigint' }).stdout)).toMatchObject({
      status: 'sigint',
      error: { code: 'stack.apply-failed' },
    });
  });
});

describe('text', () => {
  test('is the answer on stdout and the error on stderr', () => {
    const error = new InfraError('vault.denied', 'denied', 'No.');
    expect(reported({ payload: {}, text: () => 'half of it', error }, { json: false })).toEqual({
      stdout: 'half of it\n',
      stderr: 'error vault.denied: No.\n',
      exitStatus: 77,
    });
  });
});
