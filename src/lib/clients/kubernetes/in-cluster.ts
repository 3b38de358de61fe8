import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Files } from '../files/client.ts';
import type { Cluster } from './cluster.ts';
import { badConfig } from './errors.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The cluster that this pod runs in (client-go rest.InClusterConfig), or undefined outside of one. The token file is
 * read again for each request: kubelet renews it.
 */
export async function inCluster(
  env: Readonly<Record<string, string | undefined>>,
  files: Pick<Files, 'read'>,
  folder = FOLDER,
): Promise<Cluster | undefined> {
  const [host, port] = [env.KUBERNETES_SERVICE_HOST ?? '', env.KUBERNETES_SERVICE_PORT ?? ''];
  if (host === '' || port === '') return undefined;
  const tokenFile = join(folder, 'token');
  if ((await files.read(tokenFile)) === undefined) return undefined;
  const ca = await files.read(join(folder, 'ca.crt'));
  if (ca === undefined) throw badConfig(`The service account in ${folder} has a token but no ca.crt.`);
  const server = new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
  const namespace = (await files.read(join(folder, 'namespace')))?.trim();
  return {
    target: {
      context: undefined,
      server: server.href.replace(/\/$/, ''),
      source: `service account in ${folder}`,
      namespace,
    },
    server,
    ca,
    serverName: undefined,
    skipVerify: false,
    proxy: undefined,
    entry: undefined,
    user: { value: { tokenFile }, folder, file: tokenFile },
  };
}
