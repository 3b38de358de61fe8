import { Args } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { configShow } from '../../lib/documents/config-show.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { InfraError } from '../../lib/errors.ts';
import { configShowText } from '../../lib/render/config.ts';
import { nearestWord } from '../../lib/site/nearest.ts';
import { type SettingRow, settingRows } from '../../lib/site/settings.ts';
import { readTrust, untrusted } from '../../lib/site/trust.ts';

/** Reads infra.yaml and the repository; asks no server. Exits 0, or 78 when infra.yaml is wrong. */
export default class ConfigShow extends InfraCommand<typeof configShow> {
  static override summary = 'Every effective setting, and where it came from.';
  static override examples = ['<%= config.bin %> config show', '<%= config.bin %> config show vault'];
  static override args = {
    key: Args.string({
      description: 'Only this setting and what is below it, such as vault.users.',
      ignoreStdin: true,
    }),
  };

  protected override readonly document = configShow;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof configShow>>> {
    const { args } = await this.parse(ConfigShow);
    const context = this.context();
    const site = await context.site('read');
    const { files } = await context.clients('files');
    const trust = await readTrust(files, { ...this.host.env, HOME: this.host.home }, site.root.value);
    const rows = below(settingRows(site), args.key);
    const open = untrusted(site, trust);
    return {
      status: 'ok',
      payload: {
        root: site.root.value,
        ...(site.file === undefined ? {} : { file: site.file }),
        settings: rows.map(({ key, value, source }) => ({
          key,
          source,
          ...(value === undefined ? {} : { value: typeof value === 'object' ? [...value] : value }),
        })),
        untrusted: open.map((one) => one.key),
      },
      text: (style) => configShowText(style, rows, open),
    };
  }
}

function below(rows: readonly SettingRow[], key: string | undefined): readonly SettingRow[] {
  if (key === undefined) return rows;
  const found = rows.filter((row) => row.key === key || row.key.startsWith(`${key}.`));
  if (found.length > 0) return found;
  const parts = (name: string): readonly string[] =>
    name.split('.').map((_, index, all) => all.slice(0, index + 1).join('.'));
  const meant = nearestWord(key, [...new Set(rows.flatMap((row) => parts(row.key)))]);
  throw new InfraError('usage.unknown-setting', 'usage', `There is no setting "${key}".`, {
    hints: [meant === undefined ? 'All of them: infra config show' : `Did you mean ${meant}?`],
  });
}
