import { afterAll, beforeAll, describe, test } from 'vitest';
import { kubernetesCases } from '../contract/kubernetes-cases.ts';
import { type KubernetesServer, kubernetesEnv } from '../contract/kubernetes-client.ts';
import { type Kubernetes, startKubernetes } from './harness/kubernetes.ts';
import { type Kwok, startKwok } from './harness/kwok.ts';
import { skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';

/** kwok loses exit statuses and the end of an input, and runs programs of its own machine: these stay with the stand-in. */
const NOT_ON_KWOK = ['a command gives its exit code and both streams', 'a command reads its input to the end'];

const reason = skipReason('etcd', 'apiserver', 'controllerManager', 'kwok', 'openssl');
if (reason !== undefined) console.warn(`kubernetes.contract.test.ts is skipped: ${reason}`);

describe.skipIf(reason !== undefined)('Kubernetes contract, on a real control plane', () => {
  let cluster: Kubernetes;
  let kwok: Kwok;
  let server: KubernetesServer;

  beforeAll(async () => {
    cluster = await startKubernetes({
      users: [
        { name: 'alice@example.com', token: 'alice-token' },
        { name: 'bob@example.com', token: 'bob-token' },
      ],
    });
    kwok = await startKwok(cluster);
    server = {
      server: cluster.server,
      ca: cluster.ca,
      adminToken: cluster.token,
      tokens: { alice: 'alice-token', bob: 'bob-token' },
      raw: (method, path, body) => cluster.request(method, path, body),
      node: kwok.node,
      script: async (namespace, pod, { log, previous, exec = [], listening }) => {
        // A pod's container is running before anybody can read its log.
        await until('the pod to run', async () => {
          const { body } = await cluster.request('GET', `/api/v1/namespaces/${namespace}/pods/${pod}`);
          return body?.status?.containerStatuses?.[0]?.state?.running === undefined ? undefined : true;
        });
        await kwok.play([
          {
            namespace,
            pod,
            container: 'app',
            ...(log === undefined ? {} : { log }),
            ...(previous === undefined ? {} : { previous }),
            exec,
            ...(listening === undefined ? {} : { listening }),
          },
        ]);
      },
    };
  });
  afterAll(async () => {
    await kwok?.stop();
    await cluster?.stop();
  });

  for (const one of kubernetesCases.filter(({ name }) => !NOT_ON_KWOK.includes(name))) {
    test(one.name, async () => one.run(await kubernetesEnv(server)));
  }
});
