import { InfraCommand } from '../../lib/cli/command.ts';
import { triage } from '../../lib/cli/diagnose-triage.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { diagnose } from '../../lib/documents/diagnose.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';

/** The first minute of an incident. Reads the API, logs and Prometheus only; no exec, no request to an application. */
export default class Diagnose extends InfraCommand<typeof diagnose> {
  static override summary = 'Triage in three seconds: what to look at first, and the command for it.';
  static override description =
    'Asks the cluster for its basics and every subject its first question, all at once and without touching an application. Own runbooks of the site are not asked. Ends with the one subject to look at.';
  static override examples = ['<%= config.bin %> diagnose', '<%= config.bin %> diagnose authentik'];

  protected override readonly document = diagnose;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof diagnose>>> {
    await this.parse(Diagnose);
    return await triage(this.host, this.context(), this.output);
  }
}
