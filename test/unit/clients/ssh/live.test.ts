import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import type { Ssh } from '../../../../src/lib/clients/ssh/client.ts';
import { makeSsh } from '../../../../src/lib/clients/ssh/live.ts';
import { makeRedactor } from '../../../../src/lib/secrets/redaction.ts';

/** A program named ssh that writes down its arguments and then does `script`, in sh. */
async function fakeSsh(script: string, loopbackOnly = false): Promise<{ ssh: Ssh; args: () => Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-ssh-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ssh');
  await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/args\n${script}\n`);
  await chmod(file, 0o755);
  const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder };
  const processes = makeProcesses({ env, cwd: folder, redactor: makeRedactor() });
  const args = async (): Promise<string[]> => (await readFile(join(folder, 'args'), 'utf8')).trimEnd().split('\n');
  return { ssh: makeSsh({ processes, loopbackOnly }), args };
}

const TIMEOUT = { timeoutMs: 10_000 };

test('a command runs on the host, its words reach the program as they are, and its end is a value', async () => {
  // The last argument is what sshd would hand to a shell.
  const { ssh, args } = await fakeSsh('for last; do :; done; sh -c "$last"; exit 3');
  const answer = await ssh.run({
    host: 'admin@10.0.20.1',
    command: ['printf', '%s|', "it's", '$HOME', 'a  b'],
    ...TIMEOUT,
  });
  expect(answer).toMatchObject({ exitCode: 3, stdout: "it's|$HOME|a  b|", stderr: '' });
  const given = await args();
  expect(given).toContain('BatchMode=yes');
  expect(given).toContain('ConnectTimeout=5');
  expect(given.slice(-3, -1)).toEqual(['--', 'admin@10.0.20.1']);
});

test('stdin goes to the command', async () => {
  const { ssh } = await fakeSsh('cat');
  const answer = await ssh.run({ host: 'balancer', command: ['socat'], stdin: 'show servers state\n', ...TIMEOUT });
  expect(answer.stdout).toBe('show servers state\n');
});

test.each([
  ['admin@10.0.20.1: Permission denied (publickey,password).', 'ssh.denied', 77],
  ['Host key verification failed.', 'ssh.host-key', 77],
  ['ssh: connect to host 10.0.20.1 port 22: Connection timed out', 'ssh.unreachable', 69],
  ['ssh: connect to host 10.0.20.1 port 22: Connection refused', 'ssh.unreachable', 69],
  ['ssh: Could not resolve hostname balancer: Name or service not known', 'ssh.unreachable', 69],
  ['something new', 'ssh.failed', 69],
])('ssh itself fails: %s', async (stderr, code, exitStatus) => {
  const { ssh } = await fakeSsh(`echo '${stderr}' >&2; exit 255`);
  const asked = ssh.run({ host: 'balancer', command: ['true'], ...TIMEOUT });
  await expect(asked).rejects.toMatchObject({ code, exitStatus });
});

test('a host that says nothing is given up', async () => {
  const { ssh } = await fakeSsh('exec sleep 60');
  const asked = ssh.run({ host: 'balancer', command: ['true'], timeoutMs: 200 });
  await expect(asked).rejects.toMatchObject({ code: 'ssh.timeout' });
});

test.each(['-oProxyCommand=touch /tmp/x', 'a b', ''])('%j is no host', async (host) => {
  const { ssh } = await fakeSsh('exit 0');
  await expect(ssh.run({ host, command: ['true'], ...TIMEOUT })).rejects.toMatchObject({ code: 'ssh.bad-host' });
});

test('in a rehearsal an alias is followed before it is used: only this machine will do', async () => {
  const answer = (address: string) => `if [ "$1" = -G ]; then echo "hostname ${address}"; else echo reached; fi`;
  const away = await fakeSsh(answer('10.0.20.1'), true);
  const asked = away.ssh.run({ host: 'balancer', command: ['true'], ...TIMEOUT });
  await expect(asked).rejects.toMatchObject({ code: 'network.not-loopback' });
  const here = await fakeSsh(answer('127.0.0.1'), true);
  expect((await here.ssh.run({ host: 'balancer', command: ['true'], ...TIMEOUT })).stdout).toBe('reached\n');
});
