import { Flags } from '@oclif/core';
import { runAdd } from '../../lib/cli/add-run.ts';
import { InfraCommand } from '../../lib/cli/command.ts';
import { runArg, yesFlag } from '../../lib/cli/flags.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { allowedOf, answerFlags } from '../../lib/cli/stack-apply-flags.ts';
import { resumeApply } from '../../lib/cli/stack-apply-resume.ts';
import { runApply } from '../../lib/cli/stack-apply-run.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { runResume } from '../../lib/documents/run-resume.ts';
import { listRuns } from '../../lib/operation/journal.ts';
import { findRun } from '../../lib/operation/run-state.ts';
import { APPLY_OPERATION } from '../../lib/stacks/many/earlier-apply.ts';
import { resumeRequest } from '../../lib/users/add/resume.ts';

type Payload = PayloadOf<typeof runResume>;

/** Goes on with an interrupted run: reads, plans and guards again. Exits like the command that it goes on with. */
export default class RunResume extends InfraCommand<typeof runResume> {
  static override summary = 'Go on with a run that was interrupted or failed.';
  static override description =
    'The platform is the truth, not the journal: everything is read, planned and guarded again. It asks only if the entry or the stacks have changed since. Repeating the command does the same.';
  static override examples = ['<%= config.bin %> run resume 8f2c'];
  static override args = { run: runArg };
  static override flags = {
    yes: yesFlag,
    ...answerFlags,
    'allow-unrelated': Flags.boolean({ description: 'Also apply pending changes that are not about the user.' }),
    confirm: Flags.string({ description: 'For the admin role: the e-mail once more.', helpValue: 'EMAIL' }),
  };

  protected override readonly document = runResume;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof runResume>>> {
    const { args, flags } = await this.parse(RunResume);
    const context = this.context();
    const site = await context.site('write');
    const record = findRun(await listRuns(await context.clients('files'), context.stateFolder), args.run);
    const runner = { host: this.host, output: this.output, context };
    if (record.header.operation === APPLY_OPERATION) {
      const answers = { allowed: allowedOf(flags), yes: flags.yes, acceptReplans: flags['accept-replans'] };
      const outcome = await runApply(runner, site, await resumeApply(context, site, record, answers));
      return resumed(outcome, { resumed: record.header.id, operation: 'stack apply' });
    }
    const request = resumeRequest(record, site.root.value, {
      yes: flags.yes,
      allowUnrelated: flags['allow-unrelated'],
      confirmEmail: flags.confirm,
    });
    return resumed(await runAdd(runner, request), { resumed: record.header.id, operation: 'user add' });
  }
}

/** The outcome of the operation that went on, with the run that it went on from. */
function resumed<P extends Partial<Payload>>(
  outcome: Outcome<P>,
  from: Pick<Payload, 'resumed' | 'operation'>,
): Outcome<Payload> {
  return { ...outcome, payload: { ...outcome.payload, ...from } } as Outcome<Payload>;
}
