import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import { dryRunFlag, yesFlag } from '../../lib/cli/flags.ts';
import { runLastRoundtrip, runSendRoundtrip } from '../../lib/cli/mail-roundtrip-run.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { mailRoundtrip } from '../../lib/documents/mail-roundtrip.ts';

/**
 * Without `--send` it only asks. With it a Job is created, watched and deleted. Exits 0, 1 WARN, 2 FAIL, 3 when it could not
 * be told, 4 not confirmed, 5 when the Job could not be deleted.
 */
export default class MailRoundtrip extends InfraCommand<typeof mailRoundtrip> {
  static override summary =
    'Say when a mail last came round from outside; --send sends one and tells which half fails.';
  static override description =
    '--send starts a Job from the monitor’s CronJob, waits as long as its own deadlines allow, and deletes it. See docs/mail-roundtrip.md.';
  static override examples = [
    '<%= config.bin %> mail roundtrip',
    '<%= config.bin %> mail roundtrip --send',
    '<%= config.bin %> mail roundtrip --send --dry-run',
  ];
  static override flags = {
    // No default: what depends on it would take `false` for given.
    send: Flags.boolean({ description: 'Send one now: start the CronJob’s Job, and delete it afterwards.' }),
    yes: { ...yesFlag, dependsOn: ['send'] },
    'dry-run': { ...dryRunFlag, dependsOn: ['send'] },
  };

  protected override readonly document = mailRoundtrip;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof mailRoundtrip>>> {
    const { flags } = await this.parse(MailRoundtrip);
    const run = { context: this.context(), host: this.host, output: this.output };
    if (flags.send !== true) return runLastRoundtrip(run);
    return runSendRoundtrip(run, { yes: flags.yes === true, dryRun: flags['dry-run'] === true });
  }
}
