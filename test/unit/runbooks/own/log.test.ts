import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../../../src/lib/clients/kubernetes/client.ts';
import type { Ask } from '../../../../src/lib/diagnosis/probe.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { log } from '../../../../src/lib/runbooks/own/kinds/log.ts';
import { kubeletLog, stampedLines } from '../../../fakes/kubelet-log.ts';
import { clientsOf } from '../../diagnosis/run-tiny.ts';

const options = {
  ...{ namespace: 'weather', pod: 'station', since: 900, previous: false },
  patterns: { broken: '^sensor lost', well: '^measured' },
};
const pod = { metadata: { name: 'station' }, spec: { containers: [{ name: 'app' }] } } as KubernetesObject;
const busy = stampedLines(80, '2026-04-18T12:40:00.000Z', () => `measured ${'.'.repeat(500_000)}`);
const lost = '2026-04-18T12:40:01.000000000Z sensor lost';

function asking(served: ReturnType<typeof kubeletLog>) {
  const client = clientsOf({ kubernetes: { get: async () => pod, ...served } as never });
  return log.collect(options, { client, signal: new AbortController().signal } as Ask);
}

test('patterns are about what the program wrote, without the time of the runtime', async () => {
  expect(await asking(kubeletLog([...busy.slice(0, 3), lost]))).toEqual({
    lines: 4,
    matches: {
      broken: { count: 1, last: 'sensor lost' },
      well: { count: 3, last: expect.stringMatching(/^measured/) },
    },
    cut: [],
    asked: 1,
    of: 1,
  });
});

test('of a log that is longer than what is read the newest lines are there, and that it was cut', async () => {
  expect(await asking(kubeletLog([...busy, lost]))).toMatchObject({
    matches: { broken: { count: 1 } },
    cut: ['station/app'],
  });
});

test('without its newest lines it has no answer: no rule may call it healthy', async () => {
  const failing = ({ tailLines }: { readonly tailLines?: number }): void => {
    if (tailLines !== undefined) throw new InfraError('kubernetes.timeout', 'unavailable', 'no answer');
  };
  await expect(asking(kubeletLog([...busy, lost], { failing }))).rejects.toMatchObject({
    code: 'runbook.log-end.partial',
  });
});
