import { describe, expect, test } from 'vitest';
import { withBreakGlass } from '../../../../src/lib/clients/kubernetes/break-glass.ts';
import type { Kubernetes } from '../../../../src/lib/clients/kubernetes/client.ts';
import { InfraError } from '../../../../src/lib/errors.ts';

const PODS = { group: '', version: 'v1', plural: 'pods' };

/** A cluster that tells its context in every answer, or refuses each call with an error of this code. */
function cluster(context: string, code?: string): Kubernetes & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = async <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    if (code !== undefined) throw new InfraError(code, 'denied', `the plugin of ${context} failed`);
    return value;
  };
  const object = { metadata: { name: context } };
  return {
    asked,
    target: async () => ({ context, server: 'https://127.0.0.1:1', source: 'kubeconfig', namespace: undefined }),
    version: () => answer('version', context),
    get: () => answer('get', object),
    list: () => answer('list', [object]),
    patch: () => answer('patch', object),
    create: () => answer('create', object),
    delete: () => answer('delete', true),
    allowed: () => answer('allowed', true),
    async *logs() {
      yield await answer('logs', context);
    },
    portForward: () => expect.fail('nobody forwards a port'),
    exec: () => answer('exec', { exitCode: 0, stdout: context, stderr: '' }),
  };
}

describe('a second login for a diagnosis', () => {
  test('is not touched while the first one works', async () => {
    const second = cluster('emergency');
    const both = withBreakGlass(cluster('usual'), second);
    expect((await both.list(PODS))[0]?.metadata.name).toBe('usual');
    expect((await both.target()).insteadOf).toBeUndefined();
    expect(second.asked).toEqual([]);
  });

  test.each(['kubernetes.plugin', 'kubernetes.unauthorized'])('takes over after %s and says why', async (code) => {
    const first = cluster('usual', code);
    const both = withBreakGlass(first, cluster('emergency'));
    expect((await both.list(PODS))[0]?.metadata.name).toBe('emergency');
    const lines: string[] = [];
    for await (const line of both.logs({ namespace: 'x', pod: 'y' })) lines.push(line);
    expect(lines).toEqual(['emergency']);
    expect(first.asked).toEqual(['list']);
    expect(await both.target()).toMatchObject({
      context: 'emergency',
      source: 'kubernetes.breakGlass',
      insteadOf: { context: 'usual', because: 'the plugin of usual failed' },
    });
  });

  test('takes over a log that cannot be opened', async () => {
    const both = withBreakGlass(cluster('usual', 'kubernetes.plugin'), cluster('emergency'));
    const lines: string[] = [];
    for await (const line of both.logs({ namespace: 'x', pod: 'y' })) lines.push(line);
    expect(lines).toEqual(['emergency']);
  });

  test.each(['kubernetes.denied', 'kubernetes.unreachable', 'kubernetes.timeout'])(
    'is no way around %s',
    async (code) => {
      const second = cluster('emergency');
      await expect(withBreakGlass(cluster('usual', code), second).list(PODS)).rejects.toMatchObject({ code });
      expect(second.asked).toEqual([]);
    },
  );
});
