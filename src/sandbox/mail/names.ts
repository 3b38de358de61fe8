import { type DnsServer, startDns } from '../dns/server.ts';
import type { MailWorld } from './world.ts';
import { zoneAt } from './zone.ts';

/** The zone's own name server and that of the house, `127.0.0.1:port`. */
export type MailNames = {
  readonly authoritative: string;
  readonly internal: string;
  readonly close: () => Promise<void>;
};

/** Starts both; the public one is the sandbox's usual resolver. */
export async function startMailNames(world: MailWorld | undefined): Promise<MailNames> {
  const silent = world?.records?.internalSilent === true;
  const servers: readonly DnsServer[] = await Promise.all([
    startDns({ zone: zoneAt(world, 'authoritative'), mode: 'answer' }),
    startDns({ zone: zoneAt(world, 'internal'), mode: silent ? 'silent' : 'answer' }),
  ]);
  return {
    authoritative: servers[0]?.address ?? '',
    internal: servers[1]?.address ?? '',
    close: async () => {
      await Promise.all(servers.map((each) => each.close()));
    },
  };
}
