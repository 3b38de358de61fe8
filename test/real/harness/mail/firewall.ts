/**
 * The firewall before the balancer: what pf would print and what it would do. pf is FreeBSD's, so that this one thing is
 * played: `pfctl` on the host that is asked prints the rules which lead the connections here.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailProtocol } from '../../../../src/lib/site/site.ts';
import type { MailAddresses } from './addresses.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';

export interface Firewall {
  /** What comes for these protocols goes there from now on; undefined: there is no such rule. Others go to the balancer. */
  lead(protocols: readonly MailProtocol[], target: string | undefined): Promise<void>;
  /** Nothing that comes to the public address is answered, whatever the rules say. */
  unplug(): Promise<void>;
  /** Everything as it should be. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

const PROTOCOLS = ['smtp', 'smtps', 'submission', 'imaps'] as const;

/** `programs` is on the PATH of the host that infra asks. */
export async function startFirewall(programs: string, addresses: MailAddresses): Promise<Firewall> {
  const { publicIpv4, balancer, ports } = addresses;
  const doors = new Map<MailProtocol, Forwarder>();
  const write = async (targets: (protocol: MailProtocol) => string | undefined): Promise<void> => {
    const rules = PROTOCOLS.flatMap((protocol) => {
      const target = targets(protocol);
      const to = `inet proto tcp from any to ${publicIpv4} port = ${ports[protocol].port}`;
      return target === undefined ? [] : [`rdr on igc0 ${to} -> ${target}`];
    });
    const printed = ['no nat proto carp all', 'nat-anchor "natearly/*" all', 'rdr-anchor "relayd/*" all', ...rules];
    await writeFile(join(programs, 'pfctl'), `#!/bin/sh\ncat <<'END'\n${printed.join('\n')}\nEND\n`, { mode: 0o755 });
  };
  const lead = async (protocols: readonly MailProtocol[], target: string | undefined): Promise<void> => {
    await write((protocol) => (protocols.includes(protocol) ? target : balancer));
    for (const [protocol, door] of doors) {
      const address = protocols.includes(protocol) ? target : balancer;
      await door.lead(address === undefined ? undefined : { address, port: ports[protocol].port });
    }
  };
  for (const protocol of PROTOCOLS) {
    const { port } = ports[protocol];
    doors.set(protocol, await startForwarder({ address: publicIpv4, port }, { address: balancer, port }, true));
  }
  await write(() => balancer);
  const unplug = async (): Promise<void> => {
    for (const door of doors.values()) await door.lead(undefined);
  };
  return { lead, unplug, restore: () => lead([], undefined), stop: unplug };
}
