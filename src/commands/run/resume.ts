import { Flags } from '@oclif/core';
import { runAdd } from '../../lib/cli/add-run.ts';
import { InfraCommand } from '../../lib/cli/command.ts';
import { runArg, yesFlag } from '../../lib/cli/flags.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { runResume } from '../../lib/documents/run-resume.ts';
import { listRuns } from '../../lib/operation/journal.ts';
import { findRun } from '../../lib/operation/run-state.ts';
import { resumeRequest } from '../../lib/users/add/resume.ts';

/** Goes on with an interrupted run: reads, plans and guards again. Exits like the command that it goes on with. */
export default class RunResume extends InfraCommand<typeof runResume> {
  static override summary = 'Go on with a run that was interrupted or failed.';
  static override description =
    'The platform is the truth, not the journal: everything is read, planned and guarded again. It asks only if the entry or the stacks have changed since. Repeating the command does the same.';
  static override examples = ['<%= config.bin %> run resume 8f2c'];
  static override args = { run: runArg };
  static override flags = {
    yes: yesFlag,
    'allow-unrelated': Flags.boolean({ description: 'Also apply pending changes that are not about the user.' }),
    confirm: Flags.string({ description: 'For the admin role: the e-mail once more.', helpValue: 'EMAIL' }),
  };

  protected override readonly document = runResume;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof runResume>>> {
    const { args, flags } = await this.parse(RunResume);
    const context = this.context();
    const site = await context.site('write');
    const record = findRun(await listRuns(await context.clients('files'), context.stateFolder), args.run);
    const request = resumeRequest(record, site.root.value, {
      yes: flags.yes,
      allowUnrelated: flags['allow-unrelated'],
      confirmEmail: flags.confirm,
    });
    const outcome = await runAdd({ host: this.host, output: this.output, context }, request);
    const resumed = record.header.id;
    if (outcome.error !== undefined) return { ...outcome, payload: { ...outcome.payload, resumed } };
    return { ...outcome, payload: { ...outcome.payload, resumed } };
  }
}
