import { expect, test } from 'vitest';
import type { Kubernetes, KubernetesObject } from '../../../../src/lib/clients/kubernetes/client.ts';
import type { Ask } from '../../../../src/lib/diagnosis/probe.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { intoTraefik } from '../../../../src/lib/runbooks/authentik/evidence/forward.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { given } from './support.ts';

const service = (ports: readonly object[]): KubernetesObject => ({
  metadata: { name: 'traefik' },
  spec: { selector: { app: 'traefik' }, ports },
});
const pod = (name: string, isReady: boolean, ports: readonly object[] = []): KubernetesObject => ({
  metadata: { name, namespace: 'traefik' },
  spec: { containers: [{ name: 'traefik', ports }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
});
const WITHOUT_HTTPS: Partial<Kubernetes> = { get: async () => service([{ port: 80 }]) };
const WEB = { name: 'websecure', port: 443, targetPort: 'websecure' };

/** A cluster with these parts; `forwarded` are the ports that somebody opened. */
function cluster(parts: Partial<Kubernetes>, refused?: string) {
  const forwarded: unknown[] = [];
  const kubernetes = {
    get: async () => service([{ name: 'web', port: 80, targetPort: 8000 }, WEB]),
    list: async () => [pod('traefik-b', true, [{ name: 'websecure', containerPort: 8443 }]), pod('traefik-a', false)],
    portForward: async (...words: readonly unknown[]) => {
      forwarded.push(words.slice(0, 3));
    },
    ...parts,
  };
  const ask = {
    ...{ site: fakeSite(), options: {}, given: given(), now: new Date(), signal: new AbortController().signal },
    client: async () => kubernetes as never,
    refused: async () => refused,
  } satisfies Ask;
  return { ask, forwarded };
}

test('goes to a pod that is ready, at the port behind the entry point that visitors come to', async () => {
  const { ask, forwarded } = cluster({});
  const way = await intoTraefik(ask);
  expect(way).toMatchObject({ tunnel: { by: 'port-forward to traefik-b' } });
  if ('tunnel' in way) await way.tunnel.open();
  expect(forwarded).toEqual([['traefik', 'traefik-b', 8443]]);
});

test.each([
  ['a right is missing', {}, 'may not create pods/portforward in traefik', /may not create pods\/portforward/],
  ['there is no Service', { get: async () => undefined }, undefined, /selects no pods/],
  ['no pod is ready', { list: async () => [pod('traefik-a', false)] }, undefined, /no pod .* is ready/],
  ['no port is for HTTPS', WITHOUT_HTTPS, undefined, /no port for HTTPS/],
  ['the name of the port is nobody’s', { list: async () => [pod('traefik-b', true)] }, undefined, /no port for HTTPS/],
  [
    'the cluster does not answer',
    { list: () => Promise.reject(new InfraError('kubernetes.timeout', 'unavailable', 'No answer within 10 s.')) },
    undefined,
    /No answer within 10 s/,
  ],
] as const)('says why not where %s', async (_, parts, refused, why) => {
  expect(await intoTraefik(cluster(parts as Partial<Kubernetes>, refused).ask)).toEqual({
    why: expect.stringMatching(why),
  });
});
