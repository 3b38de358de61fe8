import type { Files } from '../files/client.ts';
import { makeAccess } from './access.ts';
import type { Kubernetes } from './client.ts';
import { type Cluster, chooseCluster } from './cluster.ts';
import { makeCredentials } from './credentials.ts';
import { makeExec } from './exec.ts';
import { makeLogs } from './logs.ts';
import { makeObjects } from './objects.ts';
import { makePortForward } from './port-forward.ts';
import { makeTransport, type Transport } from './transport.ts';

/** What the live client needs. Nothing is read, run or sent before the first call. */
export type KubernetesOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of .kube/config; empty: there is none. */
  readonly home: string;
  readonly files: Pick<Files, 'read'>;
  /** One kubeconfig file (from infra.yaml or a flag); undefined: KUBECONFIG, then ~/.kube/config, then the pod's own. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Refuse every address but this machine, as in the sandbox. */
  readonly loopbackOnly: boolean;
  /** Matters with `kubeconfig` only: false, the default, lets that file neither run a plugin nor name other files. */
  readonly trusted?: boolean;
  /** Each line that a credential plugin writes: it may ask the operator to open a page. */
  readonly onPluginMessage: (line: string) => void;
  /** Milliseconds to wait for an answer, and between two parts of one; default 10 s. */
  readonly timeoutMs?: number;
  /** Milliseconds for a credential plugin, default 5 s. */
  readonly pluginTimeoutMs?: number;
  readonly serviceAccountFolder?: string;
  /** Told every token before it is used: a server may repeat it in an error. */
  readonly onSecret?: (value: string) => void;
};

const TIMEOUT_MS = 10_000;
const PLUGIN_TIMEOUT_MS = 5_000;

/** The Kubernetes API over node:https and ws. See the contract in client.ts. */
export function makeKubernetes(options: KubernetesOptions): Kubernetes {
  const { kubeconfig, ...rest } = options;
  let chosen: Promise<Cluster> | undefined;
  const choose = (): Promise<Cluster> => {
    chosen ??= chooseCluster({ ...rest, path: kubeconfig });
    return chosen;
  };
  let connected: Promise<Transport> | undefined;
  const connect = (): Promise<Transport> => {
    connected ??= choose().then((cluster) => transportTo(cluster, options));
    return connected;
  };
  return {
    target: async () => (await choose()).target,
    ...makeObjects(connect),
    ...makeAccess(connect),
    ...makeLogs(connect),
    ...makeExec(connect),
    ...makePortForward(connect),
  };
}

function transportTo(cluster: Cluster, options: KubernetesOptions): Transport {
  const plugin = {
    env: options.env,
    timeoutMs: options.pluginTimeoutMs ?? PLUGIN_TIMEOUT_MS,
    onMessage: options.onPluginMessage,
  };
  const trusted = options.kubeconfig === undefined || options.trusted === true;
  const { files, loopbackOnly, env, onSecret } = options;
  const credentials = makeCredentials(cluster, { files, plugin, loopbackOnly, trusted, onSecret });
  return makeTransport({ cluster, credentials, env, timeoutMs: options.timeoutMs ?? TIMEOUT_MS, loopbackOnly });
}
