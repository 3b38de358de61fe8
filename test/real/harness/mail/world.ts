/** The whole way in, from the pod to the public addresses, and infra set up for it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Infra, makeInfra } from '../infra.ts';
import { type MailCluster, startMailCluster } from './cluster.ts';
import { type Firewall, startFirewall } from './firewall.ts';
import { HOSTNAME, type MailServers, startMailServers } from './servers.ts';
import { type Sshd, startSshd } from './sshd.ts';

export interface MailWorld extends MailServers {
  cluster: MailCluster;
  firewall: Firewall;
  sshd: Sshd;
  /** infra on a machine that has not asked yet: it keeps a minute between two runs. `settings` replace parts of `mail`. */
  infra(settings?: Record<string, unknown>): Promise<Infra>;
}

const SSH_PORT = 2222;

export async function startMailWorld(): Promise<MailWorld> {
  const servers = await startMailServers();
  const { dir, home, addresses } = servers;
  const running: { stop(): Promise<void> }[] = [servers];
  const stop = async (): Promise<void> => {
    for (const each of running.toReversed()) await each.stop();
  };
  try {
    const postfixConfig = join(dir, 'postfix');
    const sshd = await startSshd(dir, { address: addresses.balancer, port: SSH_PORT }, postfixConfig);
    running.push(sshd);
    const firewall = await startFirewall(sshd.remoteBin, addresses);
    running.push(firewall);
    const cluster = await startMailCluster(addresses, postfixConfig);
    running.push(cluster);
    const env = {
      PATH: `${sshd.bin}:/usr/bin:/bin`,
      HOME: home,
      TMPDIR: dir,
      LANG: 'C.UTF-8',
      KUBECONFIG: cluster.kubernetes.kubeconfig,
      NODE_EXTRA_CA_CERTS: servers.certificates.caFile,
    };
    const state = { sites: 0 };
    const infra = async (settings: Record<string, unknown> = {}): Promise<Infra> => {
      state.sites += 1;
      const site = join(dir, `site-${state.sites}`);
      await mkdir(join(site, 'stacks'), { recursive: true });
      const mail = { ...settingsOf(servers), ...settings };
      await writeFile(join(site, 'infra.yaml'), `${JSON.stringify({ mail }, null, 2)}\n`);
      return makeInfra({ dir: site, env });
    };
    return { ...servers, cluster, firewall, sshd, infra, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function settingsOf({ addresses, balancer }: MailServers): Record<string, unknown> {
  const { ports, nodes, publicIpv4, publicIpv6, secondMx } = addresses;
  const { healthPort: _, ...imaps } = ports.imaps;
  return {
    hostname: HOSTNAME,
    haproxy: addresses.balancer,
    haproxySocket: balancer.socket,
    public: { ipv4: publicIpv4, ipv6: publicIpv6 },
    secondMx: `${secondMx}:${ports.smtp.port}`,
    ssh: { haproxy: 'balancer', nat: 'balancer' },
    nodes,
    ports: { ...ports, imaps },
  };
}
