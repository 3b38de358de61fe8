import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { makeFiles } from '../../src/lib/clients/files/live.ts';
import type { Kubernetes } from '../../src/lib/clients/kubernetes/client.ts';
import { type KubernetesOptions, makeKubernetes } from '../../src/lib/clients/kubernetes/live.ts';
import type { KubernetesCaseEnv } from './kubernetes-case.ts';

/** A server that the cases run against. `ca` undefined: plain http. */
export type KubernetesServer = Pick<KubernetesCaseEnv, 'server' | 'adminToken' | 'raw' | 'script' | 'node'> & {
  readonly ca: string | undefined;
  /** Bearer tokens of the two users. */
  readonly tokens: { readonly alice: string; readonly bob: string };
};

/** The environment of one case on a server. */
export async function kubernetesEnv(server: KubernetesServer): Promise<KubernetesCaseEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-contract-kubernetes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let count = 0;
  const makeClient = async (
    user: 'alice' | 'bob' | object,
    more: Partial<KubernetesOptions> = {},
  ): Promise<Kubernetes> => {
    count += 1;
    const kubeconfig = join(folder, `config-${count}`);
    const entry = user === 'alice' || user === 'bob' ? { token: server.tokens[user] } : user;
    await writeFile(kubeconfig, JSON.stringify(config(server, entry)), { mode: 0o600 });
    return makeKubernetes({
      env: {},
      home: '',
      files: makeFiles(),
      kubeconfig,
      loopbackOnly: true,
      onPluginMessage: () => undefined,
      ...more,
    });
  };
  return {
    ...server,
    kubernetes: await makeClient({ token: server.adminToken }),
    makeClient,
    unique: `case-${randomBytes(5).toString('hex')}`,
  };
}

function config(server: KubernetesServer, user: object): object {
  const authority =
    server.ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(server.ca).toString('base64') };
  return {
    'current-context': 'contract',
    clusters: [{ name: 'c', cluster: { server: server.server, ...authority } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'contract', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
  };
}
