import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { runbookList } from '../../lib/documents/runbook-list.ts';
import { runbookListText } from '../../lib/render/runbook.ts';
import { loadRunbook, SUBJECTS } from '../../lib/runbooks/catalogue.ts';

/** Asks nothing and needs no repository. Exits 0. */
export default class RunbookList extends InfraCommand<typeof runbookList> {
  static override summary = 'The subjects that infra can diagnose.';
  static override examples = ['<%= config.bin %> runbook list'];

  protected override readonly document = runbookList;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof runbookList>>> {
    await this.parse(RunbookList);
    const loaded = await Promise.all(SUBJECTS.map(loadRunbook));
    const runbooks = loaded.flatMap((runbook) =>
      runbook === undefined
        ? []
        : [
            {
              subject: runbook.subject,
              title: runbook.title,
              source: 'infra',
              probes: runbook.probes.length,
              causes: runbook.causes.length,
            },
          ],
    );
    return { status: 'ok', payload: { runbooks }, text: (style) => runbookListText(style, runbooks) };
  }
}
