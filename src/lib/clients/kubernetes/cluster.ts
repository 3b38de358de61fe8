import { InfraError } from '../../errors.ts';
import type { Files } from '../files/client.ts';
import type { ClusterTarget } from './client.ts';
import { badConfig } from './errors.ts';
import { inCluster } from './in-cluster.ts';
import { type Kubeconfig, kubeconfigFiles, loadKubeconfig, type Named, type Places, pathIn } from './kubeconfig.ts';
import { text } from './shape.ts';

/** The cluster to talk to: its address, how to trust it, and the user entry that says who we are. */
export type Cluster = {
  readonly target: ClusterTarget;
  readonly server: URL;
  readonly ca: string | undefined;
  readonly serverName: string | undefined;
  /** Only ever true when the kubeconfig says so. */
  readonly skipVerify: boolean;
  readonly proxy: string | undefined;
  /** The entry as it stands, for exec plugins that want to know the cluster. */
  readonly entry: Named | undefined;
  /** Undefined: requests are anonymous. */
  readonly user: Named | undefined;
};

export type ClusterOptions = Places & {
  readonly context?: string | undefined;
  readonly files: Pick<Files, 'read'>;
  /** Where a pod finds its service account; the default is the one that kubelet mounts. */
  readonly serviceAccountFolder?: string;
};

/**
 * Decides which cluster is meant: the kubeconfig's context, else, when there is no kubeconfig at all, the cluster
 * that this pod runs in. Errors: `kubernetes.not-configured`, `kubernetes.bad-config` (both 78).
 */
export async function chooseCluster(options: ClusterOptions): Promise<Cluster> {
  const { paths, source } = kubeconfigFiles(options);
  const config = await loadKubeconfig(paths, options.files);
  if (config.files.length === 0) {
    const own =
      options.path === undefined
        ? await inCluster(options.env, options.files, options.serviceAccountFolder)
        : undefined;
    if (own !== undefined) return own;
    const looked =
      paths.length === 0
        ? 'there is no home folder'
        : `${paths.join(' and ')} ${paths.length === 1 ? 'does' : 'do'} not exist`;
    throw new InfraError('kubernetes.not-configured', 'config', `No kubeconfig was found (${source}: ${looked}).`, {
      hints: ['Set KUBECONFIG, or kubernetes.kubeconfig in infra.yaml.'],
    });
  }
  const name = options.context ?? config.currentContext;
  if (name === undefined) {
    throw new InfraError(
      'kubernetes.not-configured',
      'config',
      `The kubeconfig ${config.files.join(', ')} names no current context.`,
      {
        hints: [`kubectl config use-context ${[...config.contexts.keys()][0] ?? 'NAME'}`],
      },
    );
  }
  const context = entry(config, 'contexts', name);
  const clusterName = text(context.value.cluster);
  if (clusterName === undefined) throw badConfig(`The context "${name}" in ${context.file} names no cluster.`);
  const cluster = entry(config, 'clusters', clusterName);
  const userName = text(context.value.user);
  const server = address(text(cluster.value.server), clusterName, cluster.file);
  return {
    target: {
      context: name,
      server: server.href.replace(/\/$/, ''),
      source: `${source} (${context.file})`,
      namespace: text(context.value.namespace),
    },
    server,
    ca: await authority(cluster, options.files),
    serverName: text(cluster.value['tls-server-name']),
    skipVerify: cluster.value['insecure-skip-tls-verify'] === true,
    proxy: text(cluster.value['proxy-url']),
    entry: cluster,
    user: userName === undefined ? undefined : entry(config, 'users', userName),
  };
}

function entry(config: Kubeconfig, kind: 'clusters' | 'users' | 'contexts', name: string): Named {
  const found = config[kind].get(name);
  if (found !== undefined) return found;
  const names = [...config[kind].keys()];
  const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  throw badConfig(`The kubeconfig ${config.files.join(', ')} has no "${name}" in ${kind}; ${has}.`);
}

function address(server: string | undefined, cluster: string, file: string): URL {
  if (server === undefined) throw badConfig(`The cluster "${cluster}" in ${file} has no server.`);
  const full = server.includes('://') ? server : `https://${server}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw badConfig(`The server of the cluster "${cluster}" in ${file} is not an http or https address.`);
  }
  if (url.username !== '' || url.password !== '')
    throw badConfig(`The server of the cluster "${cluster}" in ${file} holds a password; put it into the user.`);
  return url;
}

async function authority(cluster: Named, files: Pick<Files, 'read'>): Promise<string | undefined> {
  const inline = text(cluster.value['certificate-authority-data']);
  if (inline !== undefined) return Buffer.from(inline, 'base64').toString('utf8');
  const named = text(cluster.value['certificate-authority']);
  if (named === undefined) return undefined;
  const path = pathIn(cluster, named);
  const pem = await files.read(path);
  if (pem === undefined) throw badConfig(`The certificate-authority ${path} of ${cluster.file} does not exist.`);
  return pem;
}
