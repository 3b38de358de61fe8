import { describe, expect, test } from 'vitest';
import type { KubernetesObject, LogRequest } from '../../../../src/lib/clients/kubernetes/client.ts';
import { compileSignatures } from '../../../../src/lib/diagnosis/logs/compile.ts';
import { judgeLogs } from '../../../../src/lib/diagnosis/logs/judge.ts';
import { readPodLogs } from '../../../../src/lib/diagnosis/logs/pod-logs.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { kubeletLog, stampedLines } from '../../../fakes/kubelet-log.ts';

const ENOSPC = 'write /dev/shm/session_A1: no space left on device';
const SERVED =
  '2026-04-18T12:39:00.000000000Z {"event":"/","level":"info","method":"GET","path":"/","runtime":"1","status":302,"logger":"authentik.outpost.proxyv2"}';
const request = {
  namespace: 'authentik',
  selector: 'a=b',
  sinceSeconds: 900,
  signatures: compileSignatures(),
  nowMs: 0,
};

const pod = (name: string, restartCount = 0, state: object = { running: {} }): KubernetesObject => ({
  metadata: { name },
  spec: { containers: [{ name: 'proxy' }, { name: 'side' }] },
  status: { containerStatuses: [{ name: 'proxy', restartCount, state }] },
});

function cluster(pods: readonly KubernetesObject[], answer: (request: LogRequest) => readonly string[]) {
  const asked: LogRequest[] = [];
  const open = { now: 0, most: 0 };
  return {
    asked,
    open,
    get: async (_kind: unknown, name: string) => pods.find(({ metadata }) => metadata.name === name),
    list: async () => pods,
    logs: async function* (one: LogRequest) {
      asked.push(one);
      open.now += 1;
      open.most = Math.max(open.most, open.now);
      await Promise.resolve();
      try {
        yield* answer(one);
      } finally {
        open.now -= 1;
      }
    },
  };
}
const denied = () => new InfraError('kubernetes.denied', 'denied', 'may not get pods/log');

describe('logs of pods', () => {
  test('are read from every container, before the restart too, whole', async () => {
    const kubernetes = cluster([pod('a', 2), pod('b')], ({ previous }) => (previous ? [ENOSPC] : ['ok']));
    const { read, evidence } = await readPodLogs(kubernetes, request);
    expect(read).toEqual(['a/proxy', 'a/proxy (previous)', 'a/side', 'b/proxy', 'b/side']);
    expect(evidence.hits).toMatchObject([{ signature: 'AG1', sources: [{ source: 'a/proxy (previous)' }] }]);
    for (const { previous, sinceSeconds, limitBytes, timestamps } of kubernetes.asked) {
      expect({ sinceSeconds, timestamps }).toEqual({ sinceSeconds: previous ? undefined : 900, timestamps: true });
      expect(limitBytes).toBeGreaterThan(0);
    }
  });

  test('are read four at a time at most, and told in the order of the pods', async () => {
    const pods = Array.from({ length: 9 }, (_, index) => pod(`p${index}`));
    const kubernetes = cluster(pods, () => ['ok']);
    const { read } = await readPodLogs(kubernetes, request);
    expect(kubernetes.open.most).toBe(4);
    expect(read).toEqual([...read].sort());
  });

  test('one that is refused does not hide the others; all refused is an error', async () => {
    const some = cluster([pod('a'), pod('b')], (one) => {
      if (one.pod === 'a') throw denied();
      return [ENOSPC];
    });
    const { errors, evidence } = await readPodLogs(some, request);
    expect(errors.map(({ code }) => code)).toEqual(['kubernetes.denied', 'kubernetes.denied']);
    expect(evidence.hits).toHaveLength(1);
    const none = cluster([pod('a')], () => {
      throw denied();
    });
    await expect(readPodLogs(none, request)).rejects.toMatchObject({ code: 'kubernetes.denied' });
  });

  test('a log before the restart that is gone, and a container that has not begun, are told', async () => {
    const kubernetes = cluster([pod('a', 1), pod('b', 0, { waiting: { reason: 'ContainerCreating' } })], (one) => {
      if (one.previous === true) throw new InfraError('kubernetes.failed', 'unavailable', 'previous not found');
      return ['ok'];
    });
    const { notes, errors, read } = await readPodLogs(kubernetes, request);
    expect(errors).toEqual([]);
    expect(read).toEqual(['a/proxy', 'a/side', 'b/side']);
    expect(notes).toEqual([
      'b/proxy has not started: it has no log.',
      'a/proxy (previous): the log before the restart is gone.',
    ]);
  });

  test('of one that wrote nothing lately, everything is read', async () => {
    const kubernetes = cluster([pod('a')], ({ sinceSeconds }) => (sinceSeconds === undefined ? [ENOSPC] : []));
    const { evidence, notes } = await readPodLogs(kubernetes, { ...request, container: 'proxy' });
    expect(evidence.hits).toHaveLength(1);
    expect(notes).toEqual(['a/proxy wrote nothing in the time asked for: its whole log was read.']);
  });

  test('an empty one is named, and the others are then no PASS; one before a restart and one of a start are not', async () => {
    const initial: KubernetesObject = {
      metadata: { name: 'c' },
      spec: { initContainers: [{ name: 'chmod' }], containers: [{ name: 'proxy' }] },
      status: { initContainerStatuses: [{ name: 'chmod', restartCount: 0, state: { terminated: {} } }] },
    };
    const kubernetes = cluster([pod('a', 1), pod('b'), initial], ({ pod: of, container, previous }) =>
      container === 'chmod' || previous === true || (of === 'b' && container === 'side') ? [] : [SERVED],
    );
    const { evidence, lacking } = await readPodLogs(kubernetes, request);
    expect(lacking).toEqual(['b/side is empty']);
    expect(judgeLogs(evidence)).toMatchObject({ verdict: 'PASS' });
    expect(judgeLogs(evidence, lacking)).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'partial',
      summary: expect.stringContaining('; but b/side is empty'),
    });
  });

  test('one that could not be read is named too', async () => {
    const kubernetes = cluster([pod('a')], ({ container }) => {
      if (container === 'side') throw denied();
      return [SERVED];
    });
    expect((await readPodLogs(kubernetes, request)).lacking).toEqual(['a/side could not be read']);
  });

  test('of one that is longer the end is read, or it is said that nobody knows it', { timeout: 60_000 }, async () => {
    const one = { ...pod('a'), spec: { containers: [{ name: 'proxy' }] } };
    const busy = stampedLines(70, '2026-04-18T12:40:00.000Z', () => `${SERVED.slice(31)} ${'.'.repeat(1_000_000)}`);
    const full = [...busy, `2026-04-18T12:40:01.000000000Z ${ENOSPC}`];
    const readable = { ...cluster([one], () => []), ...kubeletLog(full) };
    const { evidence, notes, lacking } = await readPodLogs(readable, request);
    expect({ notes, lacking }).toEqual({ notes: [], lacking: [] });
    expect(judgeLogs(evidence, lacking)).toMatchObject({ verdict: 'FAIL' });
    const failing = ({ tailLines }: LogRequest): void => {
      if (tailLines !== undefined) throw new InfraError('kubernetes.timeout', 'unavailable', 'no answer');
    };
    const cut = await readPodLogs({ ...cluster([one], () => []), ...kubeletLog(full, { failing }) }, request);
    expect(cut).toMatchObject({
      notes: ['a/proxy: only the first 64 MiB were read, not its end (timeout); narrow it with --since.'],
      lacking: ['the end of a/proxy was not read'],
    });
    expect(judgeLogs(cut.evidence)).toMatchObject({ verdict: 'PASS' });
    expect(judgeLogs(cut.evidence, cut.lacking)).toMatchObject({ verdict: 'UNKNOWN', reason: 'partial' });
  });

  test('no such pod, no pod with these labels, no such container: three errors', async () => {
    const kubernetes = cluster([pod('a')], () => ['ok']);
    const { selector: _, ...one } = request;
    await expect(readPodLogs(kubernetes, { ...one, pod: 'x' })).rejects.toMatchObject({ code: 'logs.no-pods' });
    await expect(
      readPodLogs(
        cluster([], () => []),
        request,
      ),
    ).rejects.toMatchObject({ code: 'logs.no-pods' });
    await expect(readPodLogs(kubernetes, { ...request, container: 'x' })).rejects.toMatchObject({
      code: 'logs.no-container',
    });
  });
});
