import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Listener, listen } from '../../src/sandbox/http/listen.ts';
import { builtInRoles } from '../../src/sandbox/kubernetes/built-in.ts';
import { createCluster, createUpgrade } from '../../src/sandbox/kubernetes/server.ts';
import { emptyCluster, load } from '../../src/sandbox/kubernetes/state.ts';
import type { RawAnswer } from './kubernetes-case.ts';
import { kubernetesCases } from './kubernetes-cases.ts';
import { type KubernetesServer, kubernetesEnv } from './kubernetes-client.ts';

const ADMIN_TOKEN = 'contract-admin';

describe('Kubernetes contract, on the stand-in of the sandbox', () => {
  let listener: Listener;
  let server: KubernetesServer;

  beforeAll(async () => {
    const cluster = emptyCluster();
    load(cluster, builtInRoles());
    cluster.tokens.set(ADMIN_TOKEN, { name: 'admin', groups: ['system:masters', 'system:authenticated'] });
    for (const name of ['alice', 'bob'])
      cluster.tokens.set(`${name}-token`, { name: `${name}@example.com`, groups: ['system:authenticated'] });
    listener = await listen(createCluster(cluster), { upgrade: createUpgrade(cluster) });
    server = {
      server: listener.url,
      ca: undefined,
      adminToken: ADMIN_TOKEN,
      tokens: { alice: 'alice-token', bob: 'bob-token' },
      raw: (method, path, body) => send(`${listener.url}${path}`, method, body),
      node: undefined,
      async script(namespace, pod, { log, previous, exec, listening }) {
        const texts = (lines: readonly string[]) => lines.map((text) => ({ text }));
        if (log !== undefined)
          cluster.logs.push({
            namespace,
            pod,
            container: 'app',
            lines: texts(log),
            ...(previous === undefined ? {} : { previous: texts(previous) }),
          });
        for (const each of exec ?? []) cluster.exec.push({ namespace, pod, ...each });
        for (const each of listening ?? []) cluster.listening.push({ namespace, pod, ...each });
      },
    };
    await server.raw('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'default' },
    });
    await server.raw('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'kube-system' },
    });
  });
  afterAll(() => listener.close());

  for (const one of kubernetesCases) test(one.name, async () => one.run(await kubernetesEnv(server)));
});

async function send(url: string, method: string, body: unknown): Promise<RawAnswer> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: await response.json() };
}
