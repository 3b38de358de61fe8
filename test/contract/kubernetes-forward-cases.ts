import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { failsWith, type KubernetesCase, type KubernetesCaseEnv, namespace, pod } from './kubernetes-case.ts';

/** Something that listens in a pod, on a port of this machine, while `use` runs. */
async function listening(answer: (socket: Socket) => void, use: (port: number) => Promise<void>): Promise<void> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    await use(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    server.close();
  }
}

/** As much of a stream as is wanted: where the pod's side has ended, not every kubelet says so. */
async function startOf(stream: Duplex, length: number): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    if (Buffer.concat(chunks).length >= length) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function played(env: KubernetesCaseEnv, to: number): Promise<string> {
  const ns = await namespace(env);
  await pod(env, ns, 'web');
  await env.script(ns, 'web', { listening: [{ port: 8443, to }] });
  return ns;
}

/** Connections to ports of pods; those with `needs` only where a server can play a pod. */
export const forwardCases: readonly KubernetesCase[] = [
  {
    name: 'a forwarded port carries bytes both ways, many of them',
    needs: 'canForward',
    run: async (env) => {
      const many = 'x'.repeat(300_000);
      const greet = (socket: Socket): void => {
        const asked = { bytes: 0 };
        socket.on('data', (bytes) => {
          asked.bytes += bytes.length;
          if (asked.bytes === many.length) socket.write(`heard ${asked.bytes}: ${many}`);
        });
      };
      await listening(greet, async (to) => {
        const ns = await played(env, to);
        const stream = await env.kubernetes.portForward(ns, 'web', 8443);
        stream.write(many);
        const wanted = `heard ${many.length}: ${many}`;
        expect(await startOf(stream, wanted.length)).toBe(wanted);
        stream.destroy();
      });
    },
  },
  {
    name: 'a port of which nobody in the pod knows ends with an error that names it',
    needs: 'canForward',
    run: async (env) => {
      const ns = await played(env, 9);
      const reading = env.kubernetes.portForward(ns, 'web', 8444).then((stream) => text(stream));
      expect((await failsWith(reading, 'kubernetes.failed')).message).toContain('8444');
    },
  },
  {
    name: 'a port of a pod that is not there is an error that names the pod',
    run: async (env) => {
      const ns = await namespace(env);
      const asked = env.kubernetes.portForward(ns, 'absent', 8443);
      expect((await failsWith(asked, 'kubernetes.failed')).message).toContain('pods "absent" not found');
    },
  },
  {
    name: 'a port without the right is 403',
    run: async (env) => {
      const alice = await env.makeClient('alice');
      const asked = alice.portForward('kube-system', 'x', 8443);
      expect((await failsWith(asked, 'kubernetes.denied')).message).toContain('pods/portforward');
    },
  },
];
