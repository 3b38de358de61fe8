import { isInfraError } from '../../errors.ts';
import { type Check, fail, pass } from '../check.ts';

/** A kubeconfig, and a cluster that answers. */
export const cluster: Check = {
  id: 'cluster.server',
  title: 'cluster',
  group: 'cluster',
  needs: 'site',
  run: async (world) => {
    const kubernetes = await world.client('kubernetes');
    const command = 'kubectl version';
    try {
      const target = await kubernetes.target();
      const version = await kubernetes.version();
      return pass(`${version} at ${target.server}, context ${target.context ?? 'none'} (${target.source})`, {
        command,
      });
    } catch (error) {
      if (isInfraError(error, 'kubernetes.not-configured'))
        return fail('no kubeconfig', 'export KUBECONFIG=FILE, or put one at ~/.kube/config', { command });
      if (
        isInfraError(
          error,
          'kubernetes.bad-config',
          'kubernetes.unreachable',
          'kubernetes.timeout',
          'kubernetes.plugin',
          'kubernetes.unauthorized',
        )
      ) {
        return fail(error.message, error.hints[0] ?? 'Try it by hand: kubectl version', { command });
      }
      throw error;
    }
  },
};
