import type { Clients } from '../../clients/clients.ts';
import { notConfigured } from '../../diagnosis/no-answer.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';

/** One server of one backend. `port` is where HAProxy forwards to. */
export type BalancedServer = {
  readonly backend: string;
  readonly server: string;
  readonly address: string;
  readonly port: number;
  readonly isUp: boolean;
};

/** SRV_ST_RUNNING: HAProxy, management guide, `show servers state`. */
const RUNNING = 2;

/** What is typed on the balancer, and what goes to its stdin. */
export function haproxyQuestion(site: Site): { readonly command: readonly string[]; readonly stdin: string } {
  return { command: ['socat', site.mail.haproxySocket.value, 'stdio'], stdin: 'show servers state\n' };
}

/** Asks HAProxy's admin socket over ssh. Errors: those of ssh, `diagnosis.not-configured`, `mail.malformed`, `mail.denied`, `mail.unreachable`. */
export async function collectHaproxyState(
  clients: Pick<Clients, 'ssh'>,
  site: Site,
): Promise<readonly BalancedServer[]> {
  const host = site.mail.ssh.haproxy.value;
  if (host === undefined) throw notConfigured('mail.ssh.haproxy');
  const ended = await clients.ssh.run({ host, ...haproxyQuestion(site), timeoutMs: 15_000 });
  const tried = `Asked HAProxy on ${host} by its socket ${site.mail.haproxySocket.value}`;
  if (/permission denied/i.test(ended.stdout + ended.stderr)) {
    throw new InfraError('mail.denied', 'denied', `${tried}: permission denied.`);
  }
  // As socat says it: nobody has the socket open, or there is none.
  if (ended.exitCode !== 0 && /connection refused|no such file/i.test(ended.stderr)) {
    throw new InfraError('mail.unreachable', 'unavailable', `${tried}: nobody answers there, so HAProxy does not run.`);
  }
  const servers = ended.exitCode === 0 ? serversOf(ended.stdout) : undefined;
  if (servers === undefined) {
    throw new InfraError(
      'mail.malformed',
      'unavailable',
      `${tried}: no table of servers came back (status ${ended.exitCode}).`,
    );
  }
  return servers;
}

/** The servers in the answer to `show servers state`, its columns found by their names. Undefined: not such an answer. */
export function serversOf(answer: string): readonly BalancedServer[] | undefined {
  const lines = answer.split('\n').map((line) => line.trim());
  const head = lines.find((line) => line.startsWith('# be_id '));
  if (head === undefined) return undefined;
  const columns = head.slice(2).split(/\s+/);
  return lines
    .filter((line) => /^\d+ \S+ \d+ /.test(line))
    .map((line) => {
      const cells = line.split(/\s+/);
      const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
      return {
        backend: cell('be_name'),
        server: cell('srv_name'),
        address: cell('srv_addr'),
        port: Number(cell('srv_port')),
        isUp: Number(cell('srv_op_state')) === RUNNING,
      };
    });
}
