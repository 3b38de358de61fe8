import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import { dryRunFlag, yesFlag } from '../../lib/cli/flags.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { stackArg } from '../../lib/cli/stack-selection.ts';
import { runUnlock } from '../../lib/cli/stack-unlock-run.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { stackUnlock } from '../../lib/documents/stack-unlock.ts';

/**
 * Reads the state database, the state's folder, Vault and this machine's processes; ends the database session of a dead
 * holder, or empties its lock in Vault. Exits 0, or 4 held or not confirmed, 5, 64, 69, 75, 77, 78.
 */
export default class StackUnlock extends InfraCommand<typeof stackUnlock> {
  static override summary =
    'Say who holds a stack, since when and whether it lives; release a dead holder, never a living one.';
  static override examples = [
    { command: '<%= config.bin %> stack unlock rbac --dry-run', description: 'Who holds it? Changes nothing.' },
    '<%= config.bin %> stack unlock rbac',
    { command: '<%= config.bin %> stack unlock rbac --force', description: 'For a holder on a machine that is lost.' },
  ];
  static override args = { stack: stackArg };
  static override flags = {
    yes: yesFlag,
    'dry-run': dryRunFlag,
    force: Flags.boolean({
      description: 'Also a holder of whom nobody knows whether it lives; asks for its id on a terminal.',
      default: false,
    }),
  };

  protected override readonly document = stackUnlock;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof stackUnlock>>> {
    const { args, flags } = await this.parse(StackUnlock);
    return runUnlock({ host: this.host, output: this.output, context: this.context() }, args.stack, {
      yes: flags.yes,
      force: flags.force,
      dryRun: flags['dry-run'],
    });
  }
}
