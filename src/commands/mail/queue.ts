import { InfraCommand } from '../../lib/cli/command.ts';
import { runMailQueue } from '../../lib/cli/mail-queue-run.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { mailQueue } from '../../lib/documents/mail-queue.ts';

/** Only asks: `postqueue -j` in the pod, and at the second MX over ssh. Exits 0, 1 WARN, 2 FAIL, 3 when a queue could not be listed. */
export default class MailQueue extends InfraCommand<typeof mailQueue> {
  static override summary = 'Say what mail waits, here and at the second MX: how much, how long, and why.';
  static override description =
    'Counts of each queue, the oldest, reasons by their words, domains, what to do next. See docs/mail-queue.md.';
  static override examples = ['<%= config.bin %> mail queue', '<%= config.bin %> mail queue --json'];

  protected override readonly document = mailQueue;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof mailQueue>>> {
    await this.parse(MailQueue);
    return runMailQueue(this.context(), this.host);
  }
}
