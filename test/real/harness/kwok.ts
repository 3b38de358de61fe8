/**
 * A kubelet that plays pods: logs from files, commands answered by a script. kwok serves both through the real
 * kube-apiserver. What it cannot do: an exit status other than 0 arrives as an internal error, and the end of an input
 * never arrives (kwok 0.7.0, as its own tests of exec show).
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type Daemon, startDaemon } from './daemon.ts';
import { ask } from './http.ts';
import type { Kubernetes } from './kubernetes.ts';
import { type PlayedJob, playedJob } from './kwok-jobs.ts';
import { freePorts, portOf } from './ports.ts';
import { realTool } from './tools.ts';
import { makeWorkspace } from './workspace.ts';

/** One line of a log; without a time it is now. */
export type LogLine = string | { text: string; at?: string };

/** A command and what it answers; a `status` other than 0 ends as an internal error of the kubelet. */
export interface PlayedCommand {
  command: readonly string[];
  stdout?: string;
  stderr?: string;
  status?: number;
}

export interface PlayedPod {
  namespace: string;
  pod: string;
  container: string;
  log?: readonly LogLine[];
  previous?: readonly LogLine[];
  /** Answers to commands: as a list, or worked out when they are asked for. */
  exec?: readonly PlayedCommand[] | ((command: readonly string[]) => Omit<PlayedCommand, 'command'> | undefined);
  /** Ports that are open inside it, and those of this machine that stand for them. */
  listening?: readonly { port: number; to: number }[];
}

export interface Kwok {
  /** The node that pods have to be on to be played. */
  node: string;
  /** Replaces all that is played; resolves when it is in effect. */
  play(pods: readonly PlayedPod[], job?: PlayedJob): Promise<void>;
  stop(): Promise<void>;
}

const node = 'played';

export async function startKwok(cluster: Kubernetes): Promise<Kwok> {
  const { dir, home, remove } = await makeWorkspace('kwok');
  const programs = join(dir, 'programs');
  await mkdir(programs);
  const actor = await startActor();
  await writeFile(join(dir, 'player.mjs'), player(actor.port));
  await cluster.must('POST', '/api/v1/nodes', {
    metadata: { name: node, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    status: {
      capacity: { cpu: '8', memory: '32Gi', pods: '500' },
      allocatable: { cpu: '8', memory: '32Gi', pods: '500' },
    },
  });
  const [port = 0] = await freePorts(1);
  let daemon: Daemon | undefined;
  const stop = async (): Promise<void> => {
    await daemon?.stop();
    actor.stop();
    await remove();
  };
  const play: Kwok['play'] = async (pods, job) => {
    const config = join(dir, 'kwok.yaml');
    actor.pods = pods;
    const documents = await Promise.all(pods.map((pod, at) => played(pod, at, join(dir, `pod-${at}`))));
    if (job !== undefined) documents.push(await playedJob(job, dir, logText));
    // kwok ends when its configuration is empty.
    await writeFile(config, [...documents.flat(), nobody].map((each) => JSON.stringify(each)).join('\n---\n'));
    await Promise.all([...new Set(pods.flatMap(programsOf))].map((name) => writeProgram(programs, dir, name)));
    await daemon?.stop();
    // The same port: kwok writes it into the node only once.
    daemon = await startProgram(cluster, { dir, home, programs, config, port });
  };
  try {
    await play([]);
    return { node, play, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Programs that a function may be asked for; a list names its own. */
const COMMON = ['cat', 'cscli', 'df', 'ls', 'postconf', 'postqueue', 'psql', 'ss', 'stat', 'true'];
const programsOf = ({ exec = [] }: PlayedPod): readonly string[] =>
  typeof exec === 'function' ? COMMON : exec.map(({ command }) => command[0] ?? '');

const nobody = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Logs',
  metadata: { name: 'nobody', namespace: 'nowhere' },
  spec: { logs: [{ containers: ['none'], logsFile: '/dev/null' }] },
};

/** The Logs and Exec objects of one container, and the files that they name. */
async function played(pod: PlayedPod, at: number, folder: string): Promise<object[]> {
  await mkdir(folder, { recursive: true });
  const metadata = { name: pod.pod, namespace: pod.namespace };
  const [logsFile, previousLogsFile] = [join(folder, 'now.log'), join(folder, 'previous.log')];
  if (pod.log !== undefined) await writeFile(logsFile, logText(pod.log));
  if (pod.previous !== undefined) await writeFile(previousLogsFile, logText(pod.previous));
  const containers = [pod.container];
  const logs = {
    containers,
    ...(pod.log === undefined ? {} : { logsFile }),
    ...(pod.previous === undefined ? {} : { previousLogsFile }),
  };
  const exec = { containers, local: { workDir: folder, envs: [{ name: 'PLAY', value: String(at) }] } };
  const apiVersion = 'kwok.x-k8s.io/v1alpha1';
  const forwards = pod.listening?.map(({ port, to }) => ({
    ports: [port],
    target: { port: to, address: '127.0.0.1' },
  }));
  return [
    ...(pod.log === undefined ? [] : [{ apiVersion, kind: 'Logs', metadata, spec: { logs: [logs] } }]),
    { apiVersion, kind: 'Exec', metadata, spec: { execs: [exec] } },
    ...(pod.listening === undefined ? [] : [{ apiVersion, kind: 'PortForward', metadata, spec: { forwards } }]),
  ];
}

/** The format in which a container runtime writes logs: time, stream, F for a full line, text. */
function logText(lines: readonly LogLine[]): string {
  return lines
    .map((line) => (typeof line === 'string' ? { text: line, at: undefined } : line))
    .map(({ text, at }) => `${at ?? new Date().toISOString().replace('Z', '000000Z')} stdout F ${text}\n`)
    .join('');
}

/** kwok looks programs up on its own PATH, which holds nothing else. */
async function writeProgram(programs: string, dir: string, name: string): Promise<void> {
  const file = join(programs, name);
  await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${join(dir, 'player.mjs')}' '${name}' "$@"\n`);
  await chmod(file, 0o755);
}

/** The program behind every name: it asks this process what to say. */
const player = (
  port: number,
): string => `const asked = { pod: Number(process.env.PLAY), command: process.argv.slice(2) };
const answer = await fetch('http://127.0.0.1:${port}/', { method: 'POST', body: JSON.stringify(asked) });
const { stdout = '', stderr = '', status = 0 } = await answer.json();
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = status;
`;

/** Answers for the pods that are played now. */
async function startActor(): Promise<{ pods: readonly PlayedPod[]; port: number; stop: () => void }> {
  const state: { pods: readonly PlayedPod[] } = { pods: [] };
  const server = createServer(async (request, response) => {
    const { pod, command } = (await json(request)) as { pod: number; command: readonly string[] };
    const exec = state.pods[pod]?.exec ?? [];
    const found =
      typeof exec === 'function' ? exec(command) : exec.find((one) => one.command.join('\0') === command.join('\0'));
    response.end(JSON.stringify(found ?? { status: 127, stderr: `nobody plays ${command.join(' ')}\n` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, { port: portOf(server), stop: () => void server.close() });
}

interface Place {
  dir: string;
  home: string;
  programs: string;
  config: string;
  port: number;
}

async function startProgram(cluster: Kubernetes, { dir, home, programs, config, port }: Place): Promise<Daemon> {
  const { pki } = cluster;
  return startDaemon({
    name: 'kwok',
    program: realTool('kwok'),
    args: [
      `--kubeconfig=${cluster.kubeconfig}`,
      `--config=${config}`,
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      '--node-ip=127.0.0.1',
      `--node-port=${port}`,
      `--server-address=127.0.0.1:${port}`,
      '--cidr=10.244.0.0/16',
      // No leases: a restarted kwok would wait until that of the one before it is over.
      '--node-lease-duration-seconds=0',
      `--tls-cert-file=${pki.apiserver.certFile}`,
      `--tls-private-key-file=${pki.apiserver.keyFile}`,
    ],
    env: { HOME: home, PATH: programs },
    log: join(dir, 'kwok.log'),
    ready: async () => {
      if ((await ask(`https://127.0.0.1:${port}/healthz`, { ca: pki.ca.cert })).status !== 200) return false;
      const { body } = await cluster.request('GET', `/api/v1/nodes/${node}`);
      const [address] = body?.status?.addresses ?? [];
      const served = body?.status?.daemonEndpoints?.kubeletEndpoint?.Port;
      return address !== undefined && served === port;
    },
    signal: 'SIGKILL',
  });
}
