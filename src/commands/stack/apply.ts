import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { allowedOf, applyFlags, assertOnlyResume } from '../../lib/cli/stack-apply-flags.ts';
import { lastOpenApply, resumeApply } from '../../lib/cli/stack-apply-resume.ts';
import { runApply, skippedOutcome } from '../../lib/cli/stack-apply-run.ts';
import { selectStacks, stacksArg } from '../../lib/cli/stack-selection.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { stackApply } from '../../lib/documents/stack-apply.ts';
import { skipReason } from '../../lib/stacks/many/pipeline.ts';

/**
 * Plans, guards, asks once and applies stacks in order; commits and pushes Tier-0 state, keeps a journal. Exits 0, or 1 a
 * person has to apply one, 2, 4 refused, 5 incomplete, 64, 65, 69, 75 locked, 77, 78.
 */
export default class StackApply extends InfraCommand<typeof stackApply> {
  static override summary = 'Apply stacks in order: every plan, guards over all of them, one question, the result.';
  static override description =
    'What is shown is what runs. A stack whose dependency was just applied is planned and guarded again. What deletes, replaces or forgets is refused unless it is listed by name.';
  static override examples = [
    '<%= config.bin %> stack apply rbac',
    '<%= config.bin %> stack apply --affected --dry-run',
    '<%= config.bin %> stack apply rbac --allow-destroy \'rbac:kubernetes_secret.tls["bob"]\'',
    { command: '<%= config.bin %> stack apply --affected --yes --json', description: 'In a pipeline.' },
  ];
  static override args = { stack: stacksArg };
  static override flags = applyFlags;

  protected override readonly document = stackApply;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof stackApply>>> {
    const { args, flags } = await this.parse(StackApply);
    const skip = skipReason(this.host.env, flags.forge);
    if (skip !== undefined) return skippedOutcome(skip);
    const context = this.context();
    const site = await context.site('write');
    const runner = { host: this.host, output: this.output, context };
    const names = [args.stack ?? []].flat();
    const answers = { allowed: allowedOf(flags), yes: flags.yes, acceptReplans: flags['accept-replans'] };
    if (flags.resume) {
      assertOnlyResume(names, flags);
      const request = await resumeApply(context, site, await lastOpenApply(context, site), answers);
      return runApply(runner, site, { ...request, parallelism: flags.parallelism, dryRun: flags['dry-run'] });
    }
    const around = { clients: await context.clients('git', 'files'), site, cwd: this.host.cwd, env: this.host.env };
    const chosen = await selectStacks(around, { names, affected: flags.affected, base: flags.base, all: flags.all });
    return runApply(runner, site, { chosen, parallelism: flags.parallelism, dryRun: flags['dry-run'], ...answers });
  }
}
