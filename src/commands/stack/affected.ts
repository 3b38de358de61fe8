import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { stackAffected } from '../../lib/documents/stack-affected.ts';
import { affectedText } from '../../lib/render/stack-affected.ts';
import { findAffected } from '../../lib/stacks/affected/affected.ts';

/** Reads git and the repository's files; writes nothing. Exits 0, with --exit-code 1 when stacks are touched; 64, 69, 78. */
export default class StackAffected extends InfraCommand<typeof stackAffected> {
  static override summary = 'Stacks that changes since the merge base touch, in order, each with its reasons.';
  static override examples = [
    '<%= config.bin %> stack affected',
    '<%= config.bin %> stack affected --base origin/master --exit-code',
    '<%= config.bin %> stack affected --base HEAD   # uncommitted changes only',
  ];
  static override flags = {
    base: Flags.string({
      description:
        'Compare with this revision. Default: in a pipeline the commit of the one before, else the default branch.',
      helpValue: 'REF',
    }),
    'exit-code': Flags.boolean({ description: 'End with 1 when a stack is touched or removed.', default: false }),
  };

  protected override readonly document = stackAffected;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof stackAffected>>> {
    const { flags } = await this.parse(StackAffected);
    const context = this.context();
    const site = await context.site('read');
    const clients = await context.clients('git', 'files');
    const affected = await findAffected(clients, site, { base: flags.base, env: this.host.env });
    const isTouched = affected.stacks.length > 0 || affected.removed.length > 0;
    return {
      status: flags['exit-code'] && isTouched ? 'warn' : 'ok',
      payload: {
        ...affected,
        stacks: affected.stacks.map(({ name, reasons }) => ({ name, reasons: [...reasons] })),
        removed: [...affected.removed],
        unattributed: [...affected.unattributed],
      },
      text: (style) => affectedText(style, affected),
    };
  }
}
