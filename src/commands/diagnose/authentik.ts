import { Flags } from '@oclif/core';
import { DiagnoseCommand } from '../../lib/cli/diagnose-command.ts';
import { parseHostName } from '../../lib/cli/host-name.ts';
import type { SubjectOptions } from '../../lib/diagnosis/probe.ts';
import type { Runbook } from '../../lib/diagnosis/runbook.ts';
import { diagnoseAuthentik } from '../../lib/documents/diagnose-authentik.ts';

/** People cannot log in. Reads; asks at most four hosts, once by each way; runs df, ls and psql in pods unless told not to. */
export default class DiagnoseAuthentik extends DiagnoseCommand {
  static override summary = 'Find out why people cannot log in: one cause, what is not the cause, what to do next.';
  static override description =
    'The outpost’s logs first, then requests without a cookie by two ways, then server, pgbouncer and database. A guest: at most 4 hosts, one GET by each way and host, four log streams, one-shot programs in pods (--no-exec runs none).';
  static override examples = [
    '<%= config.bin %> diagnose authentik',
    '<%= config.bin %> diagnose authentik --host grafana.example.com --user alice',
    '<%= config.bin %> diagnose authentik --only edge --wait 2m',
    '<%= config.bin %> diagnose authentik --record incident/   # then --replay incident/, anywhere',
  ];
  static override flags = {
    host: Flags.string({
      multiple: true,
      description: 'Protected host to ask, instead of what the Ingresses say.',
      parse: async (text) => parseHostName(text, 'host'),
    }),
    user: Flags.string({
      description: 'Also judge this person’s account and groups: a name in k8s_users or an e-mail.',
    }),
    sample: Flags.integer({
      min: 1,
      max: 60,
      helpValue: 'SECONDS',
      description: 'Measure /dev/shm twice, this far apart: a better forecast.',
    }),
  };

  protected override readonly document = diagnoseAuthentik;

  protected override async runbook(): Promise<Runbook> {
    return (await import('../../lib/runbooks/authentik/runbook.ts')).authentik;
  }

  protected override subjectOptions(flags: Readonly<Record<string, unknown>>): SubjectOptions {
    const { host, user, sample } = flags;
    return {
      ...(Array.isArray(host) ? { hosts: host.map(String) } : {}),
      ...(typeof user === 'string' ? { user } : {}),
      ...(typeof sample === 'number' ? { sampleSeconds: sample } : {}),
    };
  }
}
