import { InfraCommand } from '../../lib/cli/command.ts';
import { assertWatchable, mailFlags } from '../../lib/cli/mail-flags.ts';
import { runCheckPorts } from '../../lib/cli/mail-run.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { mailCheckPorts } from '../../lib/documents/mail-check-ports.ts';
import { MINUTE_MS } from '../../lib/mail/pace.ts';

/** Only asks. Exits 0, 1 WARN, 2 FAIL, 3 when something could not be told and nothing else proves it. */
export default class CheckPorts extends InfraCommand<typeof mailCheckPorts> {
  static override summary = 'Find the hop at which mail breaks: every port, from the pod out to the Internet.';
  static override description =
    'One connection a port and hop, with a PROXY v2 header where one is due; a second run within a minute waits. See docs/mail-check-ports.md.';
  static override examples = [
    '<%= config.bin %> mail check-ports',
    '<%= config.bin %> mail check-ports --dry-run',
    '<%= config.bin %> mail check-ports --port smtp --hop node-proxy --deep',
  ];
  static override flags = mailFlags;

  protected override readonly document = mailCheckPorts;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof mailCheckPorts>>> {
    const { flags } = await this.parse(CheckPorts);
    const run = { context: this.context(), host: this.host, flags, say: this.output.progress };
    if (!flags.watch) return runCheckPorts(run);
    assertWatchable(flags.json === true);
    const { clock } = await this.context().clients('clock');
    for (;;) {
      const began = clock.monotonic();
      const outcome = await runCheckPorts(run);
      this.output.answer(`${clock.now().toISOString()}\n${outcome.text?.(this.output.style) ?? ''}\n`);
      await clock.sleep(Math.max(0, MINUTE_MS - (clock.monotonic() - began)), this.signal);
    }
  }
}
