import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPoolDown } from './pool.ts';
import { PLACES } from './ports.ts';
import { queueListing } from './queue.ts';
import type { MailStandIn } from './server.ts';
import { MAIL_PROTOCOLS, type MailProtocol } from './world.ts';

/** The name of the firewall for ssh: HAProxy runs there, and there addresses are translated. */
export const FIREWALL = 'firewall';

/** The name of the second MX for ssh. */
export const SECOND_MX = 'backup-mx';

/**
 * Writes a program `ssh` into `bin` that knows two hosts, and what they answer. It is a shell script without any
 * network: a rehearsal must not reach a machine.
 */
export async function writeSsh(bin: string, dir: string, mail: MailStandIn): Promise<void> {
  const folder = join(dir, 'ssh');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(bin, { recursive: true });
  const refused = 'echo "$host: Permission denied (publickey)." >&2; exit 255';
  const unknown = 'echo "not found" >&2; exit 127';
  const isDown = mail.world.secondMxQueue === 'down';
  const queue = isDown
    ? 'echo "postqueue: fatal: Queue report unavailable - mail system is down" >&2; exit 69'
    : 'cat "$at/queue"';
  const answers: readonly (readonly [host: string, answer: string])[] = [
    [
      FIREWALL,
      `case "$1" in socat*) cat >/dev/null; cat "$at/haproxy" ;; pfctl*) cat "$at/pf" ;; *) ${unknown} ;; esac`,
    ],
    [SECOND_MX, `case "$1" in *"postqueue -j") ${queue} ;; *) ${unknown} ;; esac`],
  ];
  const isRefused = (host: string): boolean =>
    host === FIREWALL ? mail.world.sshRefused === true : mail.world.secondMxRefused === true;
  const script = [
    '#!/bin/sh',
    `at='${folder}'`,
    'asks=no',
    'while [ $# -gt 0 ]; do case "$1" in',
    '  -G) asks=yes; shift ;;',
    '  -o) shift 2 ;;',
    '  --) shift; break ;;',
    '  *) shift ;;',
    'esac; done',
    'host="$1"; shift',
    `case "$host" in ${answers.map(([host]) => host).join('|')}) ;; *) echo "ssh: Could not resolve hostname $host: Name or service not known" >&2; exit 255 ;; esac`,
    'if [ $asks = yes ]; then echo "hostname 127.0.30.1"; exit 0; fi',
    'case "$host" in',
    ...answers.map(([host, answer]) => `  ${host}) ${isRefused(host) ? refused : answer} ;;`),
    'esac',
    '',
  ].join('\n');
  const file = join(bin, 'ssh');
  await Promise.all([
    writeFile(join(folder, 'haproxy'), serversState(mail)),
    writeFile(join(folder, 'pf'), rules(mail)),
    writeFile(join(folder, 'queue'), queueListing(mail.world.secondMxQueue ?? [], new Date())),
    writeFile(file, script),
  ]);
  await chmod(file, 0o755);
}

const POOL: Readonly<Record<MailProtocol, string>> = {
  smtp: 'mailserver_nodes_smtp',
  smtps: 'mailserver_nodes_smtps',
  submission: 'mailserver_nodes_sub',
  imaps: 'mailserver_nodes_imaps',
};

const COLUMNS =
  'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port';

/** As HAProxy prints it. */
function serversState({ ports, world }: MailStandIn): string {
  const lines = MAIL_PROTOCOLS.flatMap((name, pool) => {
    const isOut = world.maintenance?.includes(name) === true;
    const state = isPoolDown(world, name) ? 0 : 2;
    return PLACES.nodes.map(
      (address, at) =>
        `${pool + 3} ${POOL[name]} ${at + 1} node${at + 1} ${address} ${state} ${isOut ? 1 : 0} 1 1 86400 6 ${state === 2 ? 3 : 2} ${state === 2 ? 4 : 0} 6 0 0 0 - ${ports[name].nodePort} - 0 ${ports[name].healthPort ?? 0} - - 0`,
    );
  });
  return `1\n# ${COLUMNS}\n${lines.join('\n')}\n\n`;
}

function rules({ ports, world }: MailStandIn): string {
  const target = world.redirectedTo ?? PLACES.haproxy;
  const redirected = MAIL_PROTOCOLS.filter((name) => world.notRedirected?.includes(name) !== true);
  return [
    'nat on vtnet0 inet from 10.0.20.0/24 to any -> 192.168.1.2 port 1024:65535',
    'no rdr proto carp all',
    ...redirected.map(
      (name) => `rdr on vtnet0 inet proto tcp from any to 192.168.1.2 port = ${ports[name].port} -> ${target}`,
    ),
    '',
  ].join('\n');
}
