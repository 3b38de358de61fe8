import { expect } from 'vitest';
import type { LogRequest } from '../../src/lib/clients/kubernetes/client.ts';
import { failsWith, type KubernetesCase, type KubernetesCaseEnv, namespace, pod } from './kubernetes-case.ts';

async function linesOf(
  env: KubernetesCaseEnv,
  request: Omit<LogRequest, 'namespace' | 'pod'> & Partial<LogRequest>,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of env.kubernetes.logs({ namespace: env.unique, pod: 'web', ...request })) lines.push(line);
  return lines;
}

async function scripted(env: KubernetesCaseEnv, script: Parameters<KubernetesCaseEnv['script']>[2]): Promise<void> {
  const ns = await namespace(env);
  await pod(env, ns, 'web');
  await env.script(ns, 'web', script);
}

/** Logs and commands; those with `needs` only where a server can play a pod. */
export const podCases: readonly KubernetesCase[] = [
  {
    name: 'the log of a pod that is not there is an error that names it',
    run: async (env) => {
      await namespace(env);
      expect((await failsWith(linesOf(env, { pod: 'absent' }), 'kubernetes.failed')).message).toContain(
        'pods "absent" not found',
      );
    },
  },
  {
    name: 'the log without the right is 403',
    run: async (env) => {
      const alice = await env.makeClient('alice');
      const reading = async () => {
        for await (const _line of alice.logs({ namespace: 'kube-system', pod: 'x' })) break;
      };
      expect((await failsWith(reading(), 'kubernetes.denied')).message).toContain('pods/log');
    },
  },
  {
    name: 'a command in a pod that is not there is an error that names it',
    run: async (env) => {
      const ns = await namespace(env);
      expect(
        (await failsWith(env.kubernetes.exec(ns, 'absent', undefined, ['true']), 'kubernetes.failed')).message,
      ).toContain('pods "absent" not found');
    },
  },
  {
    name: 'a command without the right is 403',
    run: async (env) => {
      const alice = await env.makeClient('alice');
      expect(
        (await failsWith(alice.exec('kube-system', 'x', undefined, ['true']), 'kubernetes.denied')).message,
      ).toContain('pods/exec');
    },
  },
  {
    name: 'a command in a container that the pod does not have is an error',
    run: async (env) => {
      const ns = await namespace(env);
      await pod(env, ns, 'web');
      await failsWith(env.kubernetes.exec(ns, 'web', 'nope', ['true']), 'kubernetes.failed');
    },
  },
  {
    name: 'the log comes line by line, all or the last ones',
    needs: 'canLogs',
    run: async (env) => {
      await scripted(env, { log: ['one', 'two', '', 'four'] });
      expect(await linesOf(env, {})).toEqual(['one', 'two', '', 'four']);
      expect(await linesOf(env, { container: 'app', tailLines: 2 })).toEqual(['', 'four']);
      expect(await linesOf(env, { tailLines: 0 })).toEqual([]);
    },
  },
  {
    name: 'the log of the container before is another one',
    needs: 'canLogs',
    run: async (env) => {
      await scripted(env, { log: ['now'], previous: ['before'] });
      expect(await linesOf(env, { previous: true })).toEqual(['before']);
    },
  },
  {
    name: 'the log of a container that never ended before is an error, not an empty log',
    needs: 'canLogs',
    run: async (env) => {
      await scripted(env, { log: ['now'] });
      await failsWith(linesOf(env, { previous: true }), 'kubernetes.failed');
    },
  },
  {
    name: 'the log can be bounded in bytes and carry times',
    needs: 'canLogs',
    run: async (env) => {
      await scripted(env, { log: ['0123456789', 'x'] });
      expect((await linesOf(env, { limitBytes: 4 }))[0]).toBe('0123');
      expect((await linesOf(env, { timestamps: true }))[0]).toMatch(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z 0123456789$/);
    },
  },
  {
    name: 'a reader can leave a log early',
    needs: 'canLogs',
    run: async (env) => {
      await scripted(env, { log: Array.from({ length: 5000 }, (_, at) => `line ${at}`) });
      for await (const line of env.kubernetes.logs({ namespace: env.unique, pod: 'web' })) {
        expect(line).toBe('line 0');
        break;
      }
    },
  },
  {
    name: 'a command gives its exit code and both streams',
    needs: 'canExec',
    run: async (env) => {
      await scripted(env, {
        exec: [{ command: ['df', '-B1', '/a b'], stdout: 'out\n', stderr: 'err\n', exitCode: 3 }],
      });
      expect(await env.kubernetes.exec(env.unique, 'web', 'app', ['df', '-B1', '/a b'])).toEqual({
        exitCode: 3,
        stdout: 'out\n',
        stderr: 'err\n',
      });
    },
  },
  {
    name: 'a command that succeeds ends with 0, in the only container without naming it',
    needs: 'canExec',
    run: async (env) => {
      await scripted(env, { exec: [{ command: ['true'] }] });
      expect(await env.kubernetes.exec(env.unique, 'web', undefined, ['true'])).toEqual({
        exitCode: 0,
        stdout: '',
        stderr: '',
      });
    },
  },
  {
    name: 'a command reads its input to the end',
    needs: 'canExec',
    run: async (env) => {
      await scripted(env, { exec: [{ command: ['cat'], echo: true }] });
      expect((await env.kubernetes.exec(env.unique, 'web', undefined, ['cat'], { stdin: 'hello\n' })).stdout).toBe(
        'hello\n',
      );
    },
  },
  {
    name: 'a program that the container does not have is an error, not an exit code',
    needs: 'canExec',
    run: async (env) => {
      await scripted(env, {});
      expect(
        (await failsWith(env.kubernetes.exec(env.unique, 'web', undefined, ['nope']), 'kubernetes.failed')).message,
      ).toContain('nope');
    },
  },
];
