import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { listFilter, lockSource } from '../../lib/cli/stack-list-sources.ts';
import { stacksArg } from '../../lib/cli/stack-selection.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { stackList } from '../../lib/documents/stack-list.ts';
import { statusOfFindings } from '../../lib/findings/finding.ts';
import { listRuns } from '../../lib/operation/journal.ts';
import { stackListText } from '../../lib/render/stack-list.ts';
import { lastRuns } from '../../lib/stacks/listing/last-run.ts';
import { listStacks } from '../../lib/stacks/listing/list-stacks.ts';

/** Reads the repository, journals and locks; writes nothing. Exits 0, 1 or 2 or 3 by what is wrong with it, 64, 78. */
export default class StackList extends InfraCommand<typeof stackList> {
  static override summary =
    'Every stack: tier, what needs it, lock, last run; first what is wrong with the repository.';
  static override examples = [
    '<%= config.bin %> stack list',
    "<%= config.bin %> stack list 'k8s-*' --tier 1",
    '<%= config.bin %> stack list --uses ingress_factory --json',
  ];
  static override args = { stack: { ...stacksArg, required: false } };
  static override flags = {
    tier: Flags.integer({ description: 'Only stacks of this state tier.', min: 0, max: 1, helpValue: '0|1' }),
    uses: Flags.string({ description: 'Only stacks that call this module, at any distance.', helpValue: 'MODULE' }),
    locks: Flags.boolean({
      description: 'Ask Vault and the state database who holds locks.',
      default: true,
      allowNo: true,
    }),
  };

  protected override readonly document = stackList;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof stackList>>> {
    const { args, flags } = await this.parse(StackList);
    const context = this.context();
    const site = await context.site('read');
    const clients = await context.clients('files', 'machine', 'processes');
    const filter = await listFilter({ clients, site, cwd: this.host.cwd }, [args.stack ?? []].flat(), flags);
    const lockOf = await lockSource(context, clients, site, flags.locks, this.host.env);
    const runs = lastRuns(await listRuns(clients, context.stateFolder), site.root.value);
    const list = await listStacks(clients, site, filter, { lockOf, lastRuns: runs });
    return {
      status: statusOfFindings(list.problems),
      payload: {
        problems: [...list.problems],
        stacks: list.stacks.map(({ stack, ...listed }) => ({
          ...listed,
          name: stack.name,
          folder: stack.folder,
          tier: stack.tier,
          scaffold: stack.scaffold === true,
          dependencies: [...stack.dependencies],
          readsUsers: stack.readsUsers,
          lock: { ...listed.lock },
        })),
        total: list.total,
      },
      text: (style) => stackListText(style, list),
    };
  }
}
