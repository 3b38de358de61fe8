import type { MailProtocol, MailWorld } from './world.ts';

/**
 * Whether HAProxy has no server left for a protocol: set to maintenance, or out by its health checks, which go to the
 * health ports and for IMAPS to the node port itself. It then takes a connection and ends it.
 */
export function isPoolDown(world: MailWorld, name: MailProtocol): boolean {
  const missing = world.missing?.includes(name === 'imaps' ? 'imaps-proxy' : name) === true;
  const turnsAway = world.strict?.includes(name) === true;
  const isClosed = world.closed?.includes(name === 'imaps' ? 'node:imaps' : `health:${name}`) === true;
  return world.unready === true || missing || turnsAway || isClosed || world.maintenance?.includes(name) === true;
}
