import { InfraCommand } from '../../lib/cli/command.ts';
import { runMailDns } from '../../lib/cli/mail-dns-run.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { mailDns } from '../../lib/documents/mail-dns.ts';

/** Only asks. Exits 0, 1 WARN, 2 FAIL, 3 when a server or a list did not say. */
export default class MailDns extends InfraCommand<typeof mailDns> {
  static override summary = 'Check the records of mail, at the public, the zone’s own and the internal server.';
  static override description =
    'MX, A, AAAA, PTR, SPF, DKIM, DMARC, MTA-STS with its policy, TLS-RPT, block lists; and where servers differ. See docs/mail-dns.md.';
  static override examples = ['<%= config.bin %> mail dns', '<%= config.bin %> mail dns --json'];

  protected override readonly document = mailDns;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof mailDns>>> {
    await this.parse(MailDns);
    return runMailDns(this.context(), this.host);
  }
}
