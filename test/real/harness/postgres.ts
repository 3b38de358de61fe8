/** A real PostgreSQL with one role and one empty database. */
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, startElsewhere } from './daemon.ts';
import { freePorts } from './ports.ts';
import { must } from './run.ts';
import { realTool } from './tools.ts';
import { makeWorkspace } from './workspace.ts';

export interface Postgres {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** postgres://user:password@host:port/database?sslmode=disable */
  url: string;
  log: string;
  stop(): Promise<void>;
}

const user = 'tf';
const password = 'tf-password';
const database = 'terraform_state';

export async function startPostgres(): Promise<Postgres> {
  const workspace = await makeWorkspace('postgres');
  const { dir } = workspace;
  const data = join(dir, 'data');
  const log = join(dir, 'postgres.log');
  const passwordFile = join(dir, 'password');
  const env = { HOME: workspace.home, PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  await writeFile(passwordFile, password);
  const owner = await serverUser();
  for (const path of owner === undefined ? [] : [dir, workspace.home, passwordFile])
    await chown(path, owner?.uid ?? 0, owner?.gid ?? 0);
  const initdb = [
    realTool('initdb'),
    '-D',
    data,
    '-U',
    user,
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '--no-sync',
    '-E',
    'UTF8',
  ];
  await must(...asUser(owner, initdb), { cwd: dir, env });
  const { daemon, port } = await startElsewhere(async () => {
    const [port = 0] = await freePorts(1);
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${dir}`,
      'fsync=off',
      'max_connections=100',
    ];
    const daemon = await startDaemon({
      name: 'postgres',
      program: realTool('postgres'),
      args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      env,
      cwd: dir,
      log,
      ...owner,
      ready: () => accepts(port, dir, env),
      signal: 'SIGINT', // ends open sessions; SIGTERM would wait for them
    });
    return { daemon, port };
  });
  const url = `postgres://${user}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await workspace.remove();
  };
  return { host: '127.0.0.1', port, user, password, database, url, log, stop };
}

/** The server refuses to run as root. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [, , uid, gid] = (await must('getent', ['passwd', 'postgres'])).split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

function asUser(owner: { uid: number; gid: number } | undefined, command: string[]): [string, string[]] {
  const [program = '', ...args] = command;
  if (owner === undefined) return [program, args];
  return ['setpriv', [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', program, ...args]];
}

/** Ready is when the database is there; making it is the first thing that the server is asked. */
async function accepts(port: number, dir: string, env: Record<string, string>): Promise<boolean> {
  const psql = [
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-U',
    user,
    '-d',
    'postgres',
    '-v',
    'ON_ERROR_STOP=1',
    '-c',
    `create database ${database}`,
  ];
  await must(realTool('psql'), psql, { cwd: dir, env: { ...env, PGPASSWORD: password } });
  return true;
}
