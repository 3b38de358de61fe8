import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { runList } from '../../lib/documents/run-list.ts';
import { listRuns } from '../../lib/operation/journal.ts';
import { summariseRun } from '../../lib/operation/run-state.ts';
import { runListText } from '../../lib/render/run.ts';

/** Reads the journals of this machine; writes nothing. Exits 0. */
export default class RunList extends InfraCommand<typeof runList> {
  static override summary = 'Executions on this machine, newest first, and how each ended.';
  static override examples = ['<%= config.bin %> run list', '<%= config.bin %> run list --limit 50'];
  static override flags = {
    limit: Flags.integer({ description: 'How many, at most.', default: 20, min: 1, helpValue: 'N' }),
  };

  protected override readonly document = runList;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof runList>>> {
    const { flags } = await this.parse(RunList);
    const context = this.context();
    const clients = await context.clients('files', 'processes');
    const records = (await listRuns(clients, context.stateFolder)).slice(0, flags.limit);
    const runs = await Promise.all(records.map((record) => summariseRun(clients, record)));
    return { status: 'ok', payload: { runs }, text: (style) => runListText(style, runs) };
  }
}
