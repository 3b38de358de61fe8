import { Flags } from '@oclif/core';
import { DiagnoseCommand } from '../../lib/cli/diagnose-command.ts';
import type { SubjectOptions } from '../../lib/diagnosis/probe.ts';
import type { Runbook } from '../../lib/diagnosis/runbook.ts';
import { diagnoseMail } from '../../lib/documents/diagnose-mail.ts';

/** Mail does not arrive, or does not leave. Reads; connects once to each port and hop, no oftener than once a minute. */
export default class DiagnoseMail extends DiagnoseCommand {
  static override summary =
    'Find out why mail does not come in or go out: one cause, what is not the cause, what to do next.';
  static override description =
    'The last roundtrip first, then every port at every hop from the pod outwards, log, records, queue and relay. A guest: one connection a port and hop, none again after a 421, a second run within a minute waits; one-shot programs in the pod and over ssh (--no-exec runs none).';
  static override examples = [
    '<%= config.bin %> diagnose mail',
    '<%= config.bin %> diagnose mail --from vps',
    '<%= config.bin %> diagnose mail --sender 203.0.113.9',
    '<%= config.bin %> diagnose mail --only haproxy --wait 3m',
    '<%= config.bin %> diagnose mail --record incident/   # then --replay incident/, anywhere',
  ];
  static override flags = {
    from: Flags.string({
      description: 'Connect from this host, by ssh: a name in hosts, a node of the pool, or what ssh knows.',
      helpValue: 'VANTAGE',
    }),
    sender: Flags.string({ description: 'Also ask whether this address is banned.', helpValue: 'ADDRESS' }),
  };

  protected override readonly document = diagnoseMail;

  protected override async runbook(): Promise<Runbook> {
    return (await import('../../lib/runbooks/mail/runbook.ts')).mail;
  }

  protected override subjectOptions({ from, sender }: Readonly<Record<string, unknown>>): SubjectOptions {
    // In pods there is a variable of Kubernetes; only there does a ClusterIP answer.
    const inCluster = (this.host.env.KUBERNETES_SERVICE_HOST ?? '') !== '';
    return {
      ...(typeof from === 'string' ? { from } : {}),
      ...(typeof sender === 'string' ? { sender } : {}),
      ...(inCluster ? { inCluster } : {}),
    };
  }
}
