import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { siteRunbooks } from '../../lib/cli/site-runbooks.ts';
import type { Runbook } from '../../lib/diagnosis/runbook.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { runbookList } from '../../lib/documents/runbook-list.ts';
import { type RunbookRow, runbookListText } from '../../lib/render/runbook.ts';
import { loadRunbook, SUBJECTS } from '../../lib/runbooks/catalogue.ts';
import { invalidRunbooks } from '../../lib/runbooks/own/read.ts';

/** A line of the list; `source` is `infra` or the file. */
const rowOf = ({ subject, title, probes, causes }: Runbook, source: string): RunbookRow => ({
  ...{ subject, title, source },
  probes: probes.length,
  causes: causes.length,
});

/** Asks nothing and needs no repository. Exits 0, 78 when a runbook of the site is bad: the others are listed all the same. */
export default class RunbookList extends InfraCommand<typeof runbookList> {
  static override summary = 'The subjects that infra can diagnose.';
  static override examples = ['<%= config.bin %> runbook list'];

  protected override readonly document = runbookList;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof runbookList>>> {
    await this.parse(RunbookList);
    const builtIn = (await Promise.all(SUBJECTS.map(loadRunbook))).filter((runbook) => runbook !== undefined);
    const own = await siteRunbooks(this.context());
    const runbooks = [
      ...builtIn.map((runbook) => rowOf(runbook, 'infra')),
      ...own.runbooks.map(({ runbook, path }) => rowOf(runbook, path)),
    ];
    const payload = { runbooks };
    const text = (style: Parameters<typeof runbookListText>[0]): string => runbookListText(style, runbooks);
    if (own.violations.length > 0) return { payload, text, error: invalidRunbooks(own.violations) };
    return { status: 'ok', payload, text };
  }
}
