import { Args, Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import { durationFlag } from '../../lib/cli/duration.ts';
import { runMailTrace } from '../../lib/cli/mail-trace-run.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { mailTrace } from '../../lib/documents/mail-trace.ts';

/** Only reads. Exits 0 delivered, 1 it waits, 2 it was refused, returned or thrown away, 3 when nothing is known of it. */
export default class MailTrace extends InfraCommand<typeof mailTrace> {
  static override summary = 'Follow one mail through the logs: where it is, or where it ended and why.';
  static override description =
    'From HAProxy and postscreen to the mailbox or the next server, with times; several that fit are listed. See docs/mail-trace.md.';
  static override examples = [
    '<%= config.bin %> mail trace --from ann@example.com --to bob@example.org',
    '<%= config.bin %> mail trace --to @example.org --since 2h',
    '<%= config.bin %> mail trace 4gBn5T3PVKz8Hk',
    '<%= config.bin %> mail trace --last',
  ];
  static override args = {
    id: Args.string({ description: 'A queue id of Postfix, or a message id.', ignoreStdin: true }),
  };
  static override flags = {
    from: Flags.string({
      description: 'Sender of the envelope; @domain for a whole one, <> for none.',
      helpValue: 'ADDRESS',
    }),
    to: Flags.string({ description: 'Recipient; @domain for a whole one.', helpValue: 'ADDRESS' }),
    'message-id': Flags.string({ description: 'Message-ID of its header.', helpValue: 'ID' }),
    last: Flags.boolean({ description: 'The mail that was taken in last.', default: false }),
    since: durationFlag('since', 'How far to look back, such as 2h. Default: as far as the logs reach.'),
    file: Flags.string({
      description: 'Read this log instead of the pod’s, gzip or not; may be given several times.',
      multiple: true,
      helpValue: 'FILE',
    }),
    limit: Flags.integer({ description: 'How many mails are listed. Default: 20.', default: 20, min: 1, max: 500 }),
  };

  protected override readonly document = mailTrace;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof mailTrace>>> {
    const { args, flags } = await this.parse(MailTrace);
    return runMailTrace(this.context(), this.host, { ...flags, id: args.id });
  }
}
