import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ssh } from '../../src/lib/clients/ssh/client.ts';
import { InfraError } from '../../src/lib/errors.ts';
import { EDGE_AUTHORITY } from '../../src/sandbox/edge/certificate.ts';
import { SECOND_MX, writeSsh } from '../../src/sandbox/mail/firewall.ts';
import { queueListing } from '../../src/sandbox/mail/queue.ts';
import { mailSite } from '../../src/sandbox/mail/site.ts';
import type { MailWorld } from '../../src/sandbox/mail/world.ts';
import { kubeconfig } from '../../src/sandbox/repository/root.ts';
import { startServers, stopServers } from '../../src/sandbox/servers.ts';
import type { World } from '../../src/sandbox/world.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';

/** A world's servers with nothing but what mail is asked by: no stacks, no git. Hundreds of them are played in a test. */
export type MailPlatform = {
  readonly repo: string;
  readonly env: Readonly<Record<string, string>>;
  /** The firewall as its program `ssh` plays it, without a process for each question. */
  readonly ssh: Ssh;
  readonly stop: () => Promise<void>;
};

/** Starts the servers of a world and writes a small repository for them. */
export async function startMailPlatform(world: World): Promise<MailPlatform> {
  const servers = await startServers(world, []);
  const dir = await mkdtemp(join(tmpdir(), 'infra-mail-'));
  const [repo, home, bin] = [join(dir, 'repo'), join(dir, 'home'), join(dir, 'bin')];
  const { mail, mailNames, dns, edge, kubernetes, prometheus } = servers;
  await Promise.all([mkdir(join(repo, '.git'), { recursive: true }), mkdir(home), mkdir(bin)]);
  const file = join(dir, 'kubeconfig');
  const isOperator = world.kubernetes.operator !== undefined;
  const token = isOperator ? CANARIES.kubernetesOperatorToken : CANARIES.kubernetesAdminToken;
  const site = `kubernetes: {context: homelab}
edge: {resolver: "${dns.address}", port: ${edge.cloudflare.split(':')[1]}}
prometheus: {url: ${prometheus.url}}
${mailSite(mail, mailNames)}`;
  await Promise.all([
    writeFile(join(repo, 'infra.yaml'), site),
    writeFile(file, kubeconfig({ kubernetes: kubernetes.tlsUrl ?? '', kubernetesToken: token })),
    writeFile(join(dir, 'edge-ca.pem'), EDGE_AUTHORITY),
    writeSsh(bin, dir, mail),
  ]);
  await chmod(file, 0o600);
  return {
    repo,
    env: {
      ...{ PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: home, KUBECONFIG: file, TZ: 'UTC', INFRA_REPO: repo },
      ...{ INFRA_LOOPBACK_ONLY: '1', NODE_EXTRA_CA_CERTS: join(dir, 'edge-ca.pem') },
    },
    ssh: hosts(dir, world.mail ?? {}),
    stop: async () => {
      await stopServers(servers);
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function hosts(dir: string, { sshRefused, secondMxRefused, secondMxQueue }: MailWorld): Ssh {
  return {
    async run({ host, command: [program = ''] }) {
      const isSecond = host === SECOND_MX;
      if ((isSecond ? secondMxRefused : sshRefused) === true)
        throw new InfraError('ssh.denied', 'denied', `ssh ${host}: it accepts none of your keys.`);
      const file = join(dir, 'ssh', program === 'socat' ? 'haproxy' : 'pf');
      const stdout = isSecond ? queueListing(secondMxQueue ?? [], new Date()) : await readFile(file, 'utf8');
      return { exitCode: 0, stdout, stderr: '', ms: 1 };
    },
  };
}
