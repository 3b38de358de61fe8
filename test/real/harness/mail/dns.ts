/** Name servers as a mail domain meets them: two that hold zones (nsd), a public resolver and an internal one (unbound). */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../daemon.ts';
import { run } from '../run.ts';
import { realTool } from '../tools.ts';
import type { MailAddresses } from './addresses.ts';
import type { End } from './forwarder.ts';

/** A zone: its name, and lines of a zone file below its SOA and NS records. */
export type Zones = Readonly<Record<string, readonly string[]>>;

export interface NameServers {
  /** `host:port` of the public resolver, which asks the first server of a zone. */
  resolver: string;
  /** The internal one, which has zones of its own and asks nobody. */
  internal: string;
  /** A resolver whose access list refuses everybody. */
  refusing: string;
  stop(): Promise<void>;
}

export interface NameServerOptions {
  dir: string;
  addresses: MailAddresses;
  zones: Zones;
  /** What the second server has otherwise, or alone; zones that are left out are as at the first. */
  secondary: Zones;
  /** Zones of the internal server. */
  internal: Zones;
}

const RESOLVER_PORT = 5353;

/** A zone whose file the servers cannot find. */
export const UNLOADED = 'unloaded.test';

export async function startNameServers(options: NameServerOptions): Promise<NameServers> {
  const { addresses, zones, secondary, internal } = options;
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
  };
  try {
    // Resolvers find the servers of a zone by their names alone, so that these have the port of DNS.
    const [first, second] = [addresses.nameServer, addresses.secondNameServer].map((address) => ({
      address,
      port: 53,
    }));
    if (first === undefined || second === undefined) throw new Error('there are two name servers');
    const alone = Object.keys(secondary).filter((zone) => !(zone in zones));
    const own = { first, second };
    const [ofFirst, ofSecond] = [asks([...Object.keys(zones), UNLOADED], first), asks(alone, second)];
    const open = `  local-zone: "test." nodefault\n${ofFirst.server}${ofSecond.server}${ofFirst.stubs}${ofSecond.stubs}`;
    const resolver = { address: addresses.resolver, port: RESOLVER_PORT };
    const inside = { address: addresses.internalResolver, port: RESOLVER_PORT };
    const refusing = { address: addresses.resolver, port: RESOLVER_PORT + 1 };
    const starts = [
      startNsd(options.dir, 'first', first, zones, own),
      startNsd(options.dir, 'second', second, { ...zones, ...secondary }, own),
      startUnbound(options.dir, 'public', resolver, open),
      startUnbound(options.dir, 'internal', inside, holds(internal)),
      startUnbound(options.dir, 'refusing', refusing, '  access-control: 127.0.0.0/8 refuse\n'),
    ];
    const started = await Promise.allSettled(starts);
    for (const each of started) if (each.status === 'fulfilled') daemons.push(each.value);
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    const ends = { resolver: shown(resolver), internal: shown(inside), refusing: shown(refusing) };
    return { ...ends, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startNsd(
  folder: string,
  name: string,
  at: End,
  zones: Zones,
  servers: { first: End; second: End },
): Promise<Daemon> {
  const dir = join(folder, `nsd-${name}`);
  await mkdir(dir, { mode: 0o755 });
  for (const [zone, lines] of Object.entries(zones)) await writeFile(join(dir, zone), zoneFile(zone, lines, servers));
  const config = join(dir, 'nsd.conf');
  const files = ['pidfile', 'zonelistfile', 'xfrdfile', 'database'].map((file) => `  ${file}: ""\n`).join('');
  const parts = [...Object.keys(zones), UNLOADED].map((zone) => `zone:\n  name: "${zone}"\n  zonefile: "${zone}"\n`);
  await writeFile(
    config,
    `server:\n  ip-address: ${at.address}@${at.port}\n  zonesdir: "${dir}"\n  username: ""\n${files}remote-control:\n  control-enable: no\n${parts.join('')}`,
  );
  return startDaemon({
    name: `nsd ${name}`,
    program: realTool('nsd'),
    args: ['-d', '-c', config],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    log: join(dir, 'log'),
    ready: () => answers(at),
  });
}

function zoneFile(zone: string, lines: readonly string[], { first, second }: { first: End; second: End }): string {
  const head = [
    `$ORIGIN ${zone}.`,
    '$TTL 60',
    `@ SOA ns1.servers.test. hostmaster.${zone}. 1 3600 600 86400 60`,
    '@ NS ns1.servers.test.',
    '@ NS ns2.servers.test.',
    ...(zone === 'servers.test' ? [`ns1 A ${first.address}`, `ns2 A ${second.address}`] : []),
  ];
  return `${[...head, ...lines].join('\n')}\n`;
}

/** It asks that server for each of these zones. Names that are kept for tests and examples it would not ask for otherwise. */
function asks(zones: readonly string[], { address, port }: End): { server: string; stubs: string } {
  return {
    server: zones.map((zone) => `  local-zone: "${zone}." nodefault\n`).join(''),
    stubs: zones.map((zone) => `stub-zone:\n  name: "${zone}."\n  stub-addr: ${address}@${port}\n`).join(''),
  };
}

function holds(zones: Zones): string {
  return Object.entries(zones)
    .map(([zone, lines]) => {
      const data = lines.map((line) => `  local-data: '${absolute(line, zone)}'\n`);
      return `  local-zone: "${zone}." static\n${data.join('')}`;
    })
    .join('');
}

/** unbound has no `$ORIGIN`. */
function absolute(line: string, zone: string): string {
  const whole = (name: string): string => (name === '@' ? `${zone}.` : name.endsWith('.') ? name : `${name}.${zone}.`);
  const [, name = '', rest = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
  return `${whole(name)} ${rest.replace(/(?<=^MX \d+ )\S+$/, whole)}`;
}

async function startUnbound(folder: string, name: string, at: End, more: string): Promise<Daemon> {
  const dir = join(folder, `unbound-${name}`);
  await mkdir(dir, { mode: 0o755 });
  const config = join(dir, 'unbound.conf');
  const server = `server:
  interface: ${at.address}@${at.port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${dir}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  module-config: "iterator"
  do-not-query-localhost: no
  num-threads: 1
`;
  await writeFile(config, `${server}${more}remote-control:\n  control-enable: no\n`);
  return startDaemon({
    name: `unbound ${name}`,
    program: realTool('unbound'),
    args: ['-d', '-c', config],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    log: join(dir, 'log'),
    ready: () => answers(at),
  });
}

/** Whether a server has its socket of UDP open. */
async function answers(at: End): Promise<boolean> {
  const { stdout } = await run('ss', ['-Hlun']);
  return stdout.split('\n').some((line) => line.trim().split(/\s+/)[3] === shown(at));
}

function shown({ address, port }: End): string {
  return `${address}:${port}`;
}
