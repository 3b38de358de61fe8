import { isInfraError } from '../../errors.ts';
import type { Kubernetes, KubernetesReads } from './client.ts';

/** A failed login: the plugin gave nothing, or the server does not take what it gave. */
const NO_LOGIN = ['kubernetes.plugin', 'kubernetes.unauthorized'];

/**
 * The cluster by its usual login, and by a second one from the moment when the first one fails: the identity provider
 * that is broken may be the one that the kubeconfig logs in with. `target()` then says which login failed and how.
 * Every other refusal stays what it is: a second login is no way around missing rights. For what only reads.
 */
export function withBreakGlass(usual: Kubernetes, breakGlass: Kubernetes): KubernetesReads {
  const failure: { because?: string } = {};

  /** Calls with the login in use; a login that fails is given up for good, and the call repeated with the other one. */
  async function call<T>(work: (cluster: Kubernetes) => Promise<T>): Promise<T> {
    if (failure.because !== undefined) return work(breakGlass);
    try {
      return await work(usual);
    } catch (error) {
      if (!isInfraError(error, ...NO_LOGIN)) throw error;
      failure.because ??= error.message;
      return work(breakGlass);
    }
  }

  return {
    async target() {
      if (failure.because === undefined) return usual.target();
      const [meant, used] = await Promise.all([usual.target(), breakGlass.target()]);
      return {
        ...used,
        source: 'kubernetes.breakGlass',
        insteadOf: { context: meant.context, because: failure.because },
      };
    },
    version: () => call((cluster) => cluster.version()),
    get: (kind, name, namespace) => call((cluster) => cluster.get(kind, name, namespace)),
    list: (kind, options) => call((cluster) => cluster.list(kind, options)),
    allowed: (question) => call((cluster) => cluster.allowed(question)),
    async *logs(request) {
      // The login happens before the first line: what fails later is no login, and repeating it would repeat lines.
      const open = async (cluster: Kubernetes) => {
        const lines = cluster.logs(request)[Symbol.asyncIterator]();
        return { lines, first: await lines.next() };
      };
      const { lines, first } = await call(open);
      try {
        for (let next = first; next.done !== true; next = await lines.next()) yield next.value;
      } finally {
        await lines.return?.();
      }
    },
    exec: (...words) => call((cluster) => cluster.exec(...words)),
    portForward: (...words) => call((cluster) => cluster.portForward(...words)),
  };
}
