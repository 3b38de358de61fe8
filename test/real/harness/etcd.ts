/** The cluster's store, without fsync: it lives as long as a test. */
import { join } from 'node:path';
import { type Daemon, startDaemon, startElsewhere } from './daemon.ts';
import { ask } from './http.ts';
import { freePorts } from './ports.ts';
import { realTool } from './tools.ts';

export function startEtcd(dir: string, home: string): Promise<{ url: string; daemon: Daemon }> {
  return startElsewhere(async () => {
    const [client, peer] = await freePorts(2);
    const url = `http://127.0.0.1:${client}`;
    const peerUrl = `http://127.0.0.1:${peer}`;
    const daemon = await startDaemon({
      name: 'etcd',
      program: realTool('etcd'),
      args: [
        ...['--name', 't', '--data-dir', join(dir, `etcd-${client}`), '--unsafe-no-fsync', '--log-level', 'warn'],
        ...['--listen-client-urls', url, '--advertise-client-urls', url],
        ...[
          '--listen-peer-urls',
          peerUrl,
          '--initial-advertise-peer-urls',
          peerUrl,
          '--initial-cluster',
          `t=${peerUrl}`,
        ],
      ],
      env: { HOME: home, PATH: '/usr/bin:/bin' },
      log: join(dir, 'etcd.log'),
      ready: async () => (await ask(`${url}/health`)).body?.health === 'true',
      signal: 'SIGKILL', // nothing of it is kept
    });
    return { url, daemon };
  });
}
