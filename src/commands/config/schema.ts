import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { configSchema } from '../../lib/documents/config-schema.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { siteJsonSchema } from '../../lib/site/schema.ts';

/** Reads nothing. Exits 0. */
export default class ConfigSchema extends InfraCommand<typeof configSchema> {
  static override summary = 'Print the JSON Schema of infra.yaml, for editors.';
  static override examples = ['<%= config.bin %> config schema > infra.schema.json'];

  protected override readonly document = configSchema;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof configSchema>>> {
    await this.parse(ConfigSchema);
    const schema = siteJsonSchema() as PayloadOf<typeof configSchema>['schema'];
    return { status: 'ok', payload: { schema }, text: () => JSON.stringify(schema, undefined, 2) };
  }
}
