import { blockOf, fieldsOf, textOf } from '../../plan/nested.ts';
import type { ResourceChange } from '../../plan/plan-document.ts';
import type { Risk } from '../../stack.ts';

/**
 * A Service of type LoadBalancer owns an address that DNS, NAT and other hosts know. An update can move it, or let two
 * speakers announce it: the database's address flapped for 25 days before somebody saw why.
 */
export function loadBalancerRisk({ type, change }: ResourceChange): Risk | undefined {
  if (!change.actions.includes('update')) return undefined;
  const isOne = [change.before, change.after].some((side) => typeOf(type, side) === 'LoadBalancer');
  return isOne
    ? {
        code: 'stack.load-balancer-change',
        because: 'the Service owns an address that others know; it may move or blip',
      }
    : undefined;
}

function typeOf(type: string, side: unknown): string | undefined {
  if (/^kubernetes_service(_v1)?$/.test(type)) return textOf(blockOf(fieldsOf(side).spec).type);
  const manifest = fieldsOf(fieldsOf(side).manifest);
  if (type !== 'kubernetes_manifest' || manifest.kind !== 'Service') return undefined;
  return textOf(fieldsOf(manifest.spec).type);
}
