import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeMachine } from '../../../../src/lib/clients/machine/live.ts';

const portOf = (address: unknown): number =>
  typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;

describe.skipIf(process.platform !== 'linux')('what this machine tells', () => {
  test('programs by a variable that they were started with, and not once they have ended', async () => {
    const name = `CANARY_${process.pid}`;
    const child = spawn('sleep', ['60'], { env: { PATH: process.env.PATH, [name]: 'a value' }, stdio: 'ignore' });
    await new Promise((resolve) => child.once('spawn', resolve));
    const found = async () => (await makeMachine().startedWith(name))?.found;
    expect(await found()).toEqual([{ pid: child.pid, program: 'sleep', value: 'a value' }]);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(await found()).toEqual([]);
  });

  test('of several clones only the programs that work in the one that is meant', async () => {
    const name = `CANARY_${process.pid}`;
    const folder = await mkdtemp(join(tmpdir(), 'infra-clone-'));
    const link = `${folder}-link`;
    await mkdir(join(folder, 'stacks'));
    await symlink(folder, link);
    const options = { env: { PATH: process.env.PATH, [name]: 'vault' }, stdio: 'ignore' } as const;
    const child = spawn('sleep', ['60'], { ...options, cwd: join(folder, 'stacks') });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await rm(link);
      await rm(folder, { recursive: true });
    });
    await new Promise((resolve) => child.once('spawn', resolve));
    const pids = async (within?: string) =>
      (await makeMachine().startedWith(name, within))?.found.map(({ pid }) => pid);
    expect(await pids()).toEqual([child.pid]);
    expect(await pids(folder)).toEqual([child.pid]);
    expect(await pids(link)).toEqual([child.pid]);
    expect(await pids(`${folder}-`)).toEqual([]);
    expect(await pids(join(folder, 'sta'))).toEqual([]);
  });

  test('who owns a connection, from the side that opened it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const client = connect(portOf(server.address()), '127.0.0.1');
    const other = await accepted;
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const [local, remote] = [client.localPort ?? 0, portOf(server.address())];
    expect(await makeMachine().connection(local, remote)).toMatchObject({ owner: { pid: process.pid } });
    expect(await makeMachine().connection(remote, remote)).toBe('none');
    other.destroy();
    client.destroy();
    await new Promise((resolve) => client.once('close', resolve));
    // The port stays in TIME_WAIT for a minute, owned by nobody.
    expect(await makeMachine().connection(local, remote)).toBe('none');
  });

  test('nobody has a lock on a file that nobody locked, or that is not there', async () => {
    expect(await makeMachine().lockersOf(import.meta.filename)).toEqual([]);
    expect(await makeMachine().lockersOf('/nonexistent')).toEqual([]);
  });

  test('its own addresses', () => {
    const { isOwnAddress } = makeMachine();
    expect([isOwnAddress('127.0.0.1'), isOwnAddress('::1'), isOwnAddress('192.0.2.1')]).toEqual([true, true, false]);
  });
});

test('elsewhere than on Linux all of it is unknown, which is not nobody', async () => {
  const machine = makeMachine('darwin');
  expect(await machine.startedWith('PATH')).toBeUndefined();
  expect(await machine.connection(1, 2)).toBeUndefined();
  expect(await machine.lockersOf('/')).toBeUndefined();
});
