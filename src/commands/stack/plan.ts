import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { parallelismFlag } from '../../lib/cli/stack-apply-flags.ts';
import { runPlan } from '../../lib/cli/stack-plan-run.ts';
import { selectionFlags, selectStacks, stacksArg } from '../../lib/cli/stack-selection.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { stackPlan } from '../../lib/documents/stack-plan.ts';

/** Reads Vault, the states, the platform; changes nothing. Exits 0, or 1 with --exit-code, 2, 4, 64, 65, 69, 75, 77, 78. */
export default class StackPlan extends InfraCommand<typeof stackPlan> {
  static override summary = 'Plan stacks in the order of their dependencies, and tell every change by its danger.';
  static override description =
    'Several at once. "No changes" is said only where terraform says so; what could not be planned is told apart from drift. No plan file is left behind unless --save says where.';
  static override examples = [
    '<%= config.bin %> stack plan rbac',
    '<%= config.bin %> stack plan --affected',
    { command: '<%= config.bin %> stack plan --all --exit-code --json', description: 'For a pipeline.' },
  ];
  static override args = { stack: stacksArg };
  static override flags = {
    ...selectionFlags,
    parallelism: parallelismFlag,
    'exit-code': Flags.boolean({ description: 'Exit 1 when there are changes.', default: false }),
    save: Flags.string({
      description: 'Keep the plan files in this folder (0700); they hold secrets.',
      helpValue: 'DIR',
    }),
  };

  protected override readonly document = stackPlan;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof stackPlan>>> {
    const { args, flags } = await this.parse(StackPlan);
    const context = this.context();
    const site = await context.site('read');
    const clients = await context.clients('git', 'files');
    const around = { clients, site, cwd: this.host.cwd, env: this.host.env };
    const chosen = await selectStacks(around, {
      names: [args.stack ?? []].flat(),
      affected: flags.affected,
      base: flags.base,
      all: flags.all,
    });
    return runPlan({ host: this.host, output: this.output, context }, site, {
      chosen,
      parallelism: flags.parallelism,
      save: flags.save === undefined ? undefined : resolve(this.host.cwd, flags.save),
      exitCode: flags['exit-code'],
    });
  }
}
