import type { Clients } from '../../clients/clients.ts';
import { notConfigured } from '../../diagnosis/no-answer.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';

/** One redirection of TCP: what comes for `port` on the interface goes to `target`, an address or the name of a table. */
export type Redirection = { readonly interface: string; readonly port: number; readonly target: string };

/** What is typed on the firewall. */
export const PFCTL = ['pfctl', '-sn'] as const;

/** Asks pf over ssh. Errors: those of ssh, `diagnosis.not-configured`, `mail.denied`, `mail.empty`, `mail.malformed`. */
export async function collectNat(clients: Pick<Clients, 'ssh'>, site: Site): Promise<readonly Redirection[]> {
  const host = site.mail.ssh.nat.value;
  if (host === undefined) throw notConfigured('mail.ssh.nat');
  const ended = await clients.ssh.run({ host, command: PFCTL, timeoutMs: 15_000 });
  const tried = `${PFCTL.join(' ')} on ${host}`;
  if (/permission denied|operation not permitted/i.test(ended.stderr)) {
    throw new InfraError('mail.denied', 'denied', `${tried}: permission denied.`);
  }
  if (ended.exitCode !== 0) {
    throw new InfraError('mail.malformed', 'unavailable', `${tried} ended with ${ended.exitCode}.`);
  }
  if (ended.stdout.trim() === '') throw new InfraError('mail.empty', 'unavailable', `${tried} printed no rule at all.`);
  return redirectionsOf(ended.stdout);
}

/** pf prints ports by the names of /etc/services. */
const NAMED: Readonly<Record<string, number>> = {
  smtp: 25,
  smtps: 465,
  submissions: 465,
  urd: 465,
  submission: 587,
  imaps: 993,
};

const RULE = /^rdr (?:pass )?(?:log )?on (\S+) .*\bproto (?:\{[^}]*)?tcp\b.*\bport = (\S+) -> (\S+)/;

/** The redirections among the translation rules that `pfctl -sn` prints (pf.conf(5)). */
export function redirectionsOf(rules: string): readonly Redirection[] {
  return rules.split('\n').flatMap((line) => {
    const [, device = '', port = '', target = ''] = RULE.exec(line.trim()) ?? [];
    const number = NAMED[port] ?? Number(port);
    return device === '' || !Number.isInteger(number) ? [] : [{ interface: device, port: number, target }];
  });
}
