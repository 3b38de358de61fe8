import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  identify,
  judgeLiveness,
  linuxTable,
  type ProcessTable,
  psTable,
} from '../../../../src/lib/clients/process/identity.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import { until } from './programs.ts';

const HOST = hostname();

describe.each([
  ['the Linux process table', linuxTable],
  ['ps', psTable],
] as const)('liveness by %s', (_name, table: ProcessTable) => {
  it('is alive for this process, with an identity that does not change', async () => {
    const first = await identify(process.pid, HOST, table);
    const second = await identify(process.pid, HOST, table);
    expect(first).toEqual(second);
    expect(first && (await judgeLiveness(first, HOST, table))).toBe('alive');
  });

  it('is dead for a pid that somebody else got later', async () => {
    const own = await identify(process.pid, HOST, table);
    const earlier = { pid: process.pid, host: HOST, startedAt: `${own?.startedAt}0` };
    expect(await judgeLiveness(earlier, HOST, table)).toBe('dead');
  });

  it('is unknown for another host and dead after a reboot', async () => {
    const own = await identify(process.pid, HOST, table);
    if (own === undefined) throw new Error('not in the table');
    expect(await judgeLiveness({ ...own, host: 'elsewhere' }, HOST, table)).toBe('unknown');
    expect(await judgeLiveness({ ...own, startedAt: own.startedAt.replace(/^\S+/, 'older-boot') }, HOST, table)).toBe(
      'dead',
    );
  });

  it('is alive while a killed leader has left somebody in its session', async () => {
    const leader = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; wait'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const orphan = Number(
      await new Promise((resolve) => leader.stdout.once('data', (chunk) => resolve(String(chunk)))),
    );
    const identity = await identify(leader.pid ?? 0, HOST, table);
    if (identity === undefined) throw new Error('not in the table');
    const gone = new Promise((resolve) => leader.once('exit', resolve));
    leader.kill('SIGKILL');
    await gone;
    expect(await judgeLiveness(identity, HOST, table)).toBe('alive');
    process.kill(orphan, 'SIGKILL');
    await until('the orphan to end', async () =>
      (await judgeLiveness(identity, HOST, table)) === 'dead' ? true : undefined,
    );
  });
});

it('is unknown from another pid namespace of the same boot: its pids mean nothing here', async () => {
  const own = await identify(process.pid, HOST, linuxTable);
  if (own === undefined) throw new Error('not in the table');
  const inside = { ...own, startedAt: own.startedAt.replace(/pid:\[\d+\]/, 'pid:[1]') };
  expect(await judgeLiveness(inside, HOST, linuxTable)).toBe('unknown');
});

it('identifies itself', async () => {
  const processes = makeProcesses({ env: {} });
  const self = await processes.self();
  expect(self).toMatchObject({ pid: process.pid, host: HOST });
  expect(await processes.liveness(self)).toBe('alive');
});
