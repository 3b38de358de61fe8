import { InfraCommand } from '../../lib/cli/command.ts';
import { runArg } from '../../lib/cli/flags.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { runShow } from '../../lib/documents/run-show.ts';
import { listRuns } from '../../lib/operation/journal.ts';
import { findRun, isUnfinished, summariseRun } from '../../lib/operation/run-state.ts';
import { lineDetail, runShowText } from '../../lib/render/run.ts';

/** Reads one journal; writes nothing. Exits 0, or 64 for an unknown id. */
export default class RunShow extends InfraCommand<typeof runShow> {
  static override summary = 'One execution: every line of its journal, and the command that goes on from there.';
  static override examples = ['<%= config.bin %> run show 8f2c'];
  static override args = { run: runArg };

  protected override readonly document = runShow;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof runShow>>> {
    const { args } = await this.parse(RunShow);
    const context = this.context();
    const clients = await context.clients('files', 'processes');
    const record = findRun(await listRuns(clients, context.stateFolder), args.run);
    const run = await summariseRun(clients, record);
    const next = isUnfinished(record) && run.state !== 'running' ? `infra run resume ${run.id}` : undefined;
    const events = record.lines.map((line) => {
      const detail = lineDetail(line);
      return {
        at: line.at,
        event: line.event,
        ...(line.step === undefined ? {} : { step: line.step }),
        ...(detail === undefined ? {} : { detail }),
      };
    });
    return {
      status: 'ok',
      payload: { run, journal: record.path, damaged: record.damaged, events, ...(next === undefined ? {} : { next }) },
      text: (style) => runShowText(style, run, record.lines, record.damaged, next),
    };
  }
}
