import { Args } from '@oclif/core';
import { DiagnoseCommand } from '../../lib/cli/diagnose-command.ts';
import { trustedRunbook } from '../../lib/cli/site-runbooks.ts';
import type { Runbook } from '../../lib/diagnosis/runbook.ts';
import { diagnoseSite } from '../../lib/documents/diagnose-site.ts';

/** `infra diagnose WORD` comes here too, when infra itself has no such subject. */
export default class DiagnoseSite extends DiagnoseCommand {
  static override summary = 'Diagnose by a runbook of the site; also: infra diagnose SUBJECT.';
  static override description =
    'Runbooks of the site are YAML files that infra.yaml names under runbooks. They run only after infra config trust, and never in triage.';
  static override args = { subject: Args.string({ description: 'Subject of the runbook.', required: true }) };
  static override examples = ['<%= config.bin %> diagnose site weather', '<%= config.bin %> diagnose weather --list'];

  protected override readonly document = diagnoseSite;

  protected override async runbook(): Promise<Runbook> {
    const { args } = await this.parse(DiagnoseSite);
    return await trustedRunbook(args.subject, this.host, this.context());
  }
}
