import { afterAll, beforeAll, describe, test } from 'vitest';
import { kubernetesCases } from '../contract/kubernetes-cases.ts';
import { type KubernetesServer, kubernetesEnv } from '../contract/kubernetes-client.ts';
import { type Kubernetes, startKubernetes } from './harness/kubernetes.ts';
import { skipReason } from './harness/tools.ts';

const reason = skipReason('etcd', 'apiserver', 'controllerManager', 'openssl');
if (reason !== undefined) console.warn(`kubernetes.contract.test.ts is skipped: ${reason}`);

describe.skipIf(reason !== undefined)('Kubernetes contract, on a real control plane', () => {
  let cluster: Kubernetes;
  let server: KubernetesServer;

  beforeAll(async () => {
    cluster = await startKubernetes({
      users: [
        { name: 'alice@example.com', token: 'alice-token' },
        { name: 'bob@example.com', token: 'bob-token' },
      ],
    });
    server = {
      server: cluster.server,
      ca: cluster.ca,
      adminToken: cluster.token,
      tokens: { alice: 'alice-token', bob: 'bob-token' },
      raw: (method, path, body) => cluster.request(method, path, body),
      script: () => {
        throw new Error('no pod runs here');
      },
    };
  });
  afterAll(() => cluster?.stop());

  // Without a kubelet nothing plays a pod's log or commands: those cases run on the stand-in only.
  for (const one of kubernetesCases.filter(({ needs }) => needs === undefined)) {
    test(one.name, async () => one.run(await kubernetesEnv(server)));
  }
});
