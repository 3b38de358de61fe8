import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from '../src/sandbox/start.ts';
import { interleaved, timeRun } from './measure.ts';
import { msText, type Row } from './row.ts';
import type { Program } from './start-up.ts';

/** Every mail port at every hop of the sandbox, against its limit of 2 s. */
export async function mailRow(infra: Program): Promise<Row> {
  const sandbox = await startSandbox();
  const { env, repo } = sandbox;
  try {
    const { check } = await interleaved(5, {
      check: async () => {
        // Without it the next run would wait for the minute to pass.
        await rm(join(env.XDG_STATE_HOME ?? '', 'infra', 'mail-check-ports.json'), { force: true });
        return timeRun({ argv: infra('mail', 'check-ports'), env, cwd: repo });
      },
    });
    return {
      measure: 'infra mail check-ports, 20 connections',
      value: check / 1000,
      unit: 's',
      limit: 2,
      detail: msText(check),
    };
  } finally {
    await sandbox.stop();
  }
}
