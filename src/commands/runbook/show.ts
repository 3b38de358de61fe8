import { Args } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { shownSite } from '../../lib/cli/shown-site.ts';
import { readableRunbook } from '../../lib/cli/site-runbooks.ts';
import { nearest } from '../../lib/cli/suggest.ts';
import { partOf, proseOf, type RunbookProse } from '../../lib/diagnosis/prose.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { runbookShow } from '../../lib/documents/runbook-show.ts';
import { InfraError } from '../../lib/errors.ts';
import { runbookMarkdown, runbookText } from '../../lib/render/runbook.ts';
import { loadRunbook } from '../../lib/runbooks/catalogue.ts';

/** Asks nothing; in a repository the commands are those of its site. Exits 0, 64 for what there is not, 78. */
export default class RunbookShow extends InfraCommand<typeof runbookShow> {
  static override summary = 'A runbook to read: questions, commands by hand, what healthy looks like, remedies.';
  static override description =
    'Made from the probes that `infra diagnose` asks. Markdown in a pipe, text on a terminal.';
  static override examples = [
    '<%= config.bin %> runbook show authentik',
    '<%= config.bin %> runbook show authentik#shm-full',
    '<%= config.bin %> runbook show authentik > runbook.md',
  ];
  static override args = {
    subject: Args.string({
      description: 'A subject of `infra runbook list`; with #ANCHOR only that question or cause.',
      required: true,
      ignoreStdin: true,
    }),
  };

  protected override readonly document = runbookShow;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof runbookShow>>> {
    const { args } = await this.parse(RunbookShow);
    const [subject = '', anchor] = args.subject.split('#', 2);
    const runbook = (await loadRunbook(subject)) ?? (await readableRunbook(subject, this.context()));
    const whole = proseOf(runbook, await shownSite(this.context()));
    const prose = anchor === undefined ? whole : partOf(whole, anchor);
    if (prose === undefined) throw noSuchPart(subject, anchor ?? '', whole);
    const isPart = anchor !== undefined;
    const isTerminal = this.host.stdout.isTTY === true;
    return {
      status: 'ok',
      payload: structuredClone(prose) as PayloadOf<typeof runbookShow>,
      text: (style) => (isTerminal ? runbookText(style, prose, isPart) : runbookMarkdown(prose, isPart)),
    };
  }
}

/** The error for an anchor that names nothing, or the end of several. */
function noSuchPart(subject: string, anchor: string, { questions, causes }: RunbookProse): InfraError {
  const anchors = [...questions, ...causes].map((one) => one.anchor);
  const ends = anchors.filter((one) => anchor !== '' && one.endsWith(`-${anchor}`));
  const meant = ends.length > 0 ? ends : nearest(anchor, anchors);
  return new InfraError('usage.unknown-anchor', 'usage', `The runbook of ${subject} has no one part "${anchor}".`, {
    hints: meant.length > 0 ? meant.map((one) => `Did you mean ${subject}#${one}?`) : [`infra runbook show ${subject}`],
  });
}
