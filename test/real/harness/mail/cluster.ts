/** The mail server as the cluster knows it, in a real API server: its pod is played, and what listens in it is the truth. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { type Kubernetes, startKubernetes } from '../kubernetes.ts';
import { type Kwok, startKwok } from '../kwok.ts';
import { realTool } from '../tools.ts';
import { until } from '../until.ts';
import type { MailAddresses } from './addresses.ts';

export interface MailCluster {
  kubernetes: Kubernetes;
  /** Default: true. Whether the Service has an endpoint that is ready. */
  setReady(isReady: boolean): Promise<void>;
  /** When the last mail came round. */
  setRoundtrip(at: Date): Promise<void>;
  /** What the pod has logged: nothing until it is set. */
  setLog(lines: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

const NAMESPACE = 'mailserver';
const POD = 'mailserver-6c9f7d5b8d-x2v4k';
const CONTAINER = 'docker-mailserver';
const SLICE = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices/mailserver-abcde`;
const CRON_JOB = `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/email-roundtrip-monitor`;

/** `postfixConfig`: the folder of the configuration with which the pod's `postqueue` and `postconf` are run. */
export async function startMailCluster(addresses: MailAddresses, postfixConfig: string): Promise<MailCluster> {
  const kubernetes = await startKubernetes({ controllers: false });
  let kwok: Kwok | undefined;
  const stop = async (): Promise<void> => {
    await kwok?.stop();
    await kubernetes.stop();
  };
  try {
    kwok = await startKwok(kubernetes);
    await fill(kubernetes, kwok.node, addresses);
    const { play } = kwok;
    const setLog = (log: readonly string[]): Promise<void> =>
      play([
        {
          ...{ namespace: NAMESPACE, pod: POD, container: CONTAINER, log },
          exec([program = '', ...args]) {
            if (program === 'ss') return { stdout: inPod(addresses.pod) };
            return PROGRAMS.has(program) ? { stdout: ran(program, postfixConfig, args) } : undefined;
          },
        },
      ]);
    await setLog([]);
    await until('the pod to run', async () => {
      const { body } = await kubernetes.request('GET', `/api/v1/namespaces/${NAMESPACE}/pods/${POD}`);
      return body?.status?.phase === 'Running' ? true : undefined;
    });
    const setReady = async (ready: boolean): Promise<void> => {
      await kubernetes.must('PATCH', SLICE, { endpoints: [{ addresses: ['10.244.0.25'], conditions: { ready } }] });
    };
    const setRoundtrip = async (at: Date): Promise<void> => {
      const time = at.toISOString().replace(/\.\d+Z/, 'Z');
      const status = { lastScheduleTime: time, lastSuccessfulTime: time };
      await kubernetes.must('PATCH', `${CRON_JOB}/status`, { status });
    };
    await setRoundtrip(new Date());
    return { kubernetes, setReady, setRoundtrip, setLog, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const PROGRAMS: ReadonlySet<string> = new Set(['postqueue', 'postconf']);

function ran(program: string, config: string, args: readonly string[]): string {
  return execFileSync(join(dirname(realTool('postfix')), program), ['-c', config, ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
    timeout: 10_000,
  });
}

/** What `ss -ltn` says of the pod's own network: the listeners of its address, and of no other, on all of its addresses. */
function inPod(address: string): string {
  const [head = '', ...lines] = execFileSync(realTool('ss'), ['-ltn'], { encoding: 'utf8' }).split('\n');
  const own = lines.filter((line) => line.split(/\s+/)[3]?.startsWith(`${address}:`) === true);
  return `${[head, ...own.map((line) => line.replace(`${address}:`, '0.0.0.0:'))].join('\n')}\n`;
}

async function fill(kubernetes: Kubernetes, node: string, { ports }: MailAddresses): Promise<void> {
  const own = `/api/v1/namespaces/${NAMESPACE}`;
  const labels = { app: 'mailserver' };
  await kubernetes.must('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  await kubernetes.must('POST', `${own}/pods`, {
    metadata: { name: POD, labels },
    spec: { nodeName: node, containers: [{ name: CONTAINER, image: 'mailserver/docker-mailserver:15' }] },
  });
  const named = Object.entries(ports).map(([name, { port }]) => ({ name, port, targetPort: port }));
  await kubernetes.must('POST', `${own}/services`, {
    metadata: { name: 'mailserver' },
    spec: { selector: labels, ports: named },
  });
  await kubernetes.must('POST', SLICE.replace(/\/[^/]+$/, ''), {
    metadata: { name: 'mailserver-abcde', labels: { 'kubernetes.io/service-name': 'mailserver' } },
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['10.244.0.25'],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: POD, namespace: NAMESPACE },
      },
    ],
    ports: named.map(({ name, port }) => ({ name, port, protocol: 'TCP' })),
  });
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'monitor', image: 'monitor:1' }] } };
  await kubernetes.must('POST', CRON_JOB.replace(/\/[^/]+$/, ''), {
    metadata: { name: 'email-roundtrip-monitor' },
    spec: { schedule: '*/20 * * * *', jobTemplate: { spec: { template } } },
  });
}
