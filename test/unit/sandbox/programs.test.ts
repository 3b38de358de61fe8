import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { df } from '../../../src/sandbox/programs/df.ts';
import { ls } from '../../../src/sandbox/programs/ls.ts';
import { type Postgres, psql } from '../../../src/sandbox/programs/psql.ts';
import { stat } from '../../../src/sandbox/programs/stat.ts';
import { isFull, sessionCount, type Tmpfs } from '../../../src/sandbox/programs/tmpfs.ts';

const NOW = 1_789_000_000_000;
const sessions = { count: 3, bytes: 1500, perMinute: 0, names: 'base32', seed: 'x' } as const;
const shm = (more: Partial<Tmpfs> = {}): Tmpfs => ({
  bytes: 64 * 1024 * 1024,
  inodes: 1000,
  files: [],
  sessions,
  at: NOW,
  ...more,
});
const around = (fs: Tmpfs) => ({ shm: fs, now: NOW });
const onLinux = existsSync('/proc/self/mounts') && existsSync('/dev/shm');

describe('df', () => {
  test('a session of 1500 bytes takes a page, and the last one that fits fills it', () => {
    const roomy = shm({ sessions: { ...sessions, count: 16_383 } });
    expect(isFull(roomy, NOW)).toBe(false);
    const full = shm({ sessions: { ...sessions, count: 99_999 } });
    expect(sessionCount(full, NOW)).toBe(16_384);
    expect(isFull(full, NOW)).toBe(true);
    expect(df(['-B1', '--output=used,avail', '/dev/shm'], around(full)).stdout).toBe(
      '    Used Avail\n67108864     0\n',
    );
  });

  test('what grows is more at a later time', () => {
    const growing = shm({ sessions: { ...sessions, perMinute: 18 } });
    expect([0, 60_000, 600_000].map((ms) => sessionCount(growing, NOW + ms))).toEqual([3, 21, 183]);
  });

  test.runIf(onLinux)('its tables are those of this machine’s df on the same figures', () => {
    const read = (...words: string[]): string =>
      execFileSync('df', [...words, '/dev/shm'], { encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C' } });
    for (const words of [
      ['-B1', '--output=size,used,avail,itotal,iused'],
      ['-B1', '--output=size,used,avail,pcent,target'],
      ['-k'],
      ['-B1'],
      ['-i'],
      ['-h'],
    ]) {
      const figures =
        read('-B1', '--output=size,used,itotal,iused').split('\n')[1]?.trim().split(/ +/).map(Number) ?? [];
      const [bytes = 0, used = 0, inodes = 0, inodesUsed = 0] = figures;
      const files = Array.from({ length: inodesUsed - 1 }, (_, at) => ({
        name: `f${at}`,
        bytes: at === 0 ? used : 0,
        secondsAgo: 0,
      }));
      const model = shm({ bytes, inodes, files, sessions: { ...sessions, count: 0 } });
      const played = df([...words, '/dev/shm'], around(model)).stdout;
      const real = read(...words);
      // Something else may have used /dev/shm between the two: then the figures are not the same.
      const again = read('-B1', '--output=size,used,itotal,iused').split('\n')[1]?.trim().split(/ +/).map(Number);
      if (JSON.stringify(again) === JSON.stringify(figures)) expect(played).toBe(real);
    }
  });

  test('what is not there is an error, and so is a column that it does not know', () => {
    expect(df(['/nowhere'], around(shm()))).toMatchObject({
      exitCode: 1,
      stderr: 'df: /nowhere: No such file or directory\n',
    });
    expect(df(['--output=color', '/dev/shm'], around(shm())).exitCode).toBe(1);
  });
});

describe('ls and stat', () => {
  test.runIf(onLinux)('the listing is that of this machine’s ls on the same files', async () => {
    const folder = await mkdtemp('/dev/shm/infra-test-');
    try {
      const files = [
        { name: 'authentik-core.sock', bytes: 0, secondsAgo: 10 },
        { name: '.session_x.tmp', bytes: 900, secondsAgo: 10 },
        { name: 'metrics.db', bytes: 20_000, secondsAgo: 10 },
      ];
      for (const { name, bytes } of files) await writeFile(join(folder, name), Buffer.alloc(bytes));
      const model = shm({ files, sessions: { ...sessions, count: 0 } });
      for (const words of [
        ['-A', '-s', '--block-size=1'],
        ['-A', '-s', '--block-size=1', '--ignore=.session_*'],
        ['-1'],
        ['-A', '-s'],
      ]) {
        const real = execFileSync('ls', [...words, folder], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH, LC_ALL: 'C' },
        });
        expect(ls([...words, '/dev/shm'], around(model)).stdout).toBe(real);
      }
      const real = execFileSync('stat', ['-c', '%s %b %B', join(folder, 'metrics.db')], { encoding: 'utf8' });
      expect(stat(['-c', '%s %b %B', '/dev/shm/metrics.db'], around(model)).stdout).toBe(real);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('sessions are listed by names as their writer makes them, and can be left out', () => {
    const go = ls(['-A', '/dev/shm'], around(shm())).stdout.trim().split('\n');
    expect(go).toHaveLength(3);
    for (const name of go) expect(name).toMatch(/^session_[A-Z2-7]{52}$/);
    const rust = ls(['/dev/shm'], around(shm({ sessions: { ...sessions, names: 'uuid' } }))).stdout;
    expect(rust).toMatch(/^session_[0-9a-f-]{36}\n/);
    expect(ls(['-A', '-s', '--block-size=1', '--ignore=session_*', '/dev/shm'], around(shm())).stdout).toBe(
      'total 0\n',
    );
  });

  test('the file system is counted in blocks', () => {
    expect(stat(['-f', '-c', '%S %b %f %c %d', '/dev/shm'], around(shm())).stdout).toBe('4096 16384 16381 1000 996\n');
  });
});

describe('psql', () => {
  const state: Postgres = {
    answers: 'yes',
    connections: { authentik: 23, idleInTransaction: 1, all: 81, max: 200 },
    locks: [{ pid: 4711, state: 'idle in transaction', seconds: 5400, granted: true }],
    proxySessions: undefined,
  };
  const ask = (sql: string, of: Postgres = state) =>
    psql(of)(['-X', '-A', '-t', '-q', '-F', ',', '-c', "set statement_timeout = '3s'", '-c', sql]);

  test('answers the questions of a diagnosis', () => {
    expect(ask('select count(*) from pg_stat_activity').stdout).toBe('23,1,81,200\n');
    expect(ask('select a.pid from pg_locks l join pg_stat_activity a using (pid)').stdout).toBe(
      '4711,idle in transaction,5400,t\n',
    );
    expect(ask('select count(*) from authentik_providers_proxy_proxysession')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('relation "authentik_providers_proxy_proxysession" does not exist'),
    });
  });

  test('lets nobody in when all connections are taken', () => {
    expect(ask('select 1', { ...state, answers: 'full' })).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('sorry, too many clients already'),
    });
  });
});
