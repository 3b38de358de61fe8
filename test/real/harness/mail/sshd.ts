/**
 * The balancer's host over ssh: Debian's sshd with keys of its own, for whoever runs this. ssh itself reads nobody's
 * configuration but ours: it finds that by the passwd file, whatever HOME says, so that a program named ssh hands it over.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../daemon.ts';
import { must } from '../run.ts';
import { realTool } from '../tools.ts';
import type { End } from './forwarder.ts';
import { listens } from './listens.ts';

export interface Sshd {
  /** A folder for PATH with `ssh`, which knows `balancer`, `stranger` (an unknown host key) and `nobody` (a wrong key). */
  bin: string;
  /** A folder on the PATH of whoever signs in: programs of the other host, before this machine's. */
  remoteBin: string;
  stop(): Promise<void>;
}

/** `postfixConfig`: the configuration that `postqueue` and its like have there. */
export async function startSshd(folder: string, at: End, postfixConfig: string): Promise<Sshd> {
  const dir = join(folder, 'sshd');
  const [bin, remoteBin] = [join(folder, 'bin'), join(dir, 'remote-bin')];
  await Promise.all([mkdir(bin), mkdir(remoteBin, { recursive: true })]);
  const keygen = (name: string) =>
    must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(dir, name)]);
  await Promise.all([keygen('host'), keygen('user'), keygen('wrong')]);
  const publicKeys = await Promise.all(['host.pub', 'user.pub'].map((name) => must('cat', [join(dir, name)])));
  const [host = '', user = ''] = publicKeys;
  await writeFile(join(dir, 'authorized_keys'), user);
  await writeFile(join(dir, 'known_hosts'), `[${at.address}]:${at.port} ${host}`);
  await writeFile(join(dir, 'none'), '');
  await writeFile(
    join(dir, 'sshd_config'),
    sshdConfig(dir, at, { PATH: `${remoteBin}:/usr/bin:/bin`, MAIL_CONFIG: postfixConfig }),
  );
  await writeFile(join(dir, 'ssh_config'), clientConfig(dir, at));
  const wrapper = `#!/bin/sh\nexec '${realTool('ssh')}' -F '${join(dir, 'ssh_config')}' "$@"\n`;
  await writeFile(join(bin, 'ssh'), wrapper, { mode: 0o755 });
  // Its package leaves this folder to the service, which does not run.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const daemon: Daemon = await startDaemon({
    name: 'sshd',
    program: realTool('sshd'),
    args: ['-D', '-e', '-f', join(dir, 'sshd_config')],
    env: { PATH: '/usr/bin:/bin' },
    log: join(dir, 'sshd.log'),
    ready: () => listens([at]),
  });
  return { bin, remoteBin, stop: () => daemon.stop() };
}

function sshdConfig(dir: string, { address, port }: End, env: Readonly<Record<string, string>>): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return `ListenAddress ${address}
Port ${port}
HostKey ${join(dir, 'host')}
AuthorizedKeysFile ${join(dir, 'authorized_keys')}
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding yes
MaxStartups 50
PrintMotd no
SetEnv ${variables.join(' ')}
`;
}

function clientConfig(dir: string, { address, port }: End): string {
  const to = (name: string, key: string, hosts: string): string => `Host ${name}
  HostName ${address}
  Port ${port}
  IdentityFile ${join(dir, key)}
  UserKnownHostsFile ${join(dir, hosts)}
`;
  return `${to('balancer', 'user', 'known_hosts')}${to('nobody', 'wrong', 'known_hosts')}${to('stranger', 'user', 'none')}Host *
  GlobalKnownHostsFile /dev/null
  IdentitiesOnly yes
  IdentityAgent none
`;
}
