import { DEPLOYMENTS } from '../../../clients/kubernetes/kinds.ts';
import type { Step } from '../../../operation/step.ts';
import type { AddContext } from '../request.ts';

/**
 * Restarts the portal the way `kubectl rollout restart` does: it mounts its user list with subPath, so that a running
 * pod never sees a new user. Only with --restart-portal.
 */
export function portalStep(context: AddContext): Step<undefined> {
  const { clients, site } = context;
  const { namespace, deployment } = site.users.portal;
  const target = `${namespace.value}/${deployment.value}`;
  return {
    id: 'portal',
    title: deployment.value,
    plan: async () => ({
      state: 'ready',
      actions: [{ kind: 'rollout-restart', target, summary: `restart deployment ${target}`, risk: 'write' }],
      payload: undefined,
    }),
    apply: async () => {
      const restartedAt = clients.clock.now().toISOString();
      const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt };
      await clients.kubernetes.patch(DEPLOYMENTS, deployment.value, namespace.value, {
        spec: { template: { metadata: { annotations } } },
      });
      return `restarted, so that it reads the new user`;
    },
    verify: async () => [],
  };
}
