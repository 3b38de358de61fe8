import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { checkOptions, type DriftOptions, runDrift } from '../../lib/cli/stack-drift-run.ts';
import { selectionFlags, selectStacks, stacksArg } from '../../lib/cli/stack-selection.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { stackDrift } from '../../lib/documents/stack-drift.ts';

/**
 * Reads Vault, the states, the platform, the newest commit; changes nothing but its memory of when a drift was seen first.
 * Exits 0, or 1 with --exit-code, 2, 3, 4, 64, 65, 69, 75, 77, 78.
 */
export default class StackDrift extends InfraCommand<typeof stackDrift> {
  static override summary =
    'Compare stacks with what there is, without locks; the same drift in many stacks is told once.';
  static override description =
    'What drifted is planned once more, on the newest commit. A stack that could not be planned is told apart and never called clean. Drift listed under `ignore` in infra.yaml is accepted until its day.';
  static override examples = [
    '<%= config.bin %> stack drift --all',
    '<%= config.bin %> stack drift rbac vault --exit-code',
    {
      command:
        '<%= config.bin %> stack drift --all --push-gateway http://pushgateway:9091 --format md --output drift.md',
      description: 'For a nightly pipeline.',
    },
  ];
  static override args = { stack: stacksArg };
  static override flags = {
    all: selectionFlags.all,
    parallelism: Flags.integer({
      description: 'Stacks at once; default by cores and memory.',
      helpValue: 'N',
      min: 1,
      max: 64,
    }),
    'exit-code': Flags.boolean({ description: 'Exit 1 when there is drift.', default: false }),
    format: Flags.option({
      description: 'How to print or write it; json is --json.',
      options: ['text', 'json', 'md', 'prometheus'] as const,
    })(),
    output: Flags.string({
      description: 'Write the report there (md unless --format says prometheus).',
      helpValue: 'FILE',
    }),
    'push-gateway': Flags.string({
      description: 'With --all: push the metrics there, job drift-detection.',
      helpValue: 'URL',
    }),
  };

  protected override readonly document = stackDrift;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof stackDrift>>> {
    const { args, flags } = await this.parse(StackDrift);
    const context = this.context();
    const site = await context.site('read');
    const around = { clients: await context.clients('git', 'files'), site, cwd: this.host.cwd, env: this.host.env };
    const chosen = await selectStacks(around, { names: [args.stack ?? []].flat(), all: flags.all });
    const options: DriftOptions = {
      chosen,
      parallelism: flags.parallelism,
      exitCode: flags['exit-code'],
      format: flags.format,
      json: flags.json === true,
      output: flags.output,
      pushGateway: flags['push-gateway'],
    };
    checkOptions(options);
    return runDrift({ host: this.host, output: this.output, context }, site, options);
  }
}
