import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { configCheck } from '../../lib/documents/config-check.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { configCheckText } from '../../lib/render/config.ts';
import { implausible } from '../../lib/site/plausible.ts';

/** Reads infra.yaml and file names; asks no server. Exits 0, 1 with something to look at, 78 when it is wrong. */
export default class ConfigCheck extends InfraCommand<typeof configCheck> {
  static override summary = 'Say everything that is wrong in infra.yaml, with line and column.';
  static override examples = ['<%= config.bin %> config check', '<%= config.bin %> config check --json'];

  protected override readonly document = configCheck;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof configCheck>>> {
    await this.parse(ConfigCheck);
    const context = this.context();
    // As a command that writes would read it: an unknown key is wrong here, too.
    const site = await context.site('write');
    const { files } = await context.clients('files');
    const warnings = await implausible(files, site, this.host.now().toISOString().slice(0, 10));
    return {
      status: warnings.length === 0 ? 'ok' : 'warn',
      payload: { ...(site.file === undefined ? {} : { file: site.file }), warnings: [...warnings] },
      text: (style) => configCheckText(style, site.file, warnings),
    };
  }
}
