import { join } from 'node:path';
import { InfraCommand } from '../lib/cli/command.ts';
import { dryRunFlag } from '../lib/cli/flags.ts';
import type { Outcome } from '../lib/cli/report.ts';
import { proposal } from '../lib/doctor/proposal.ts';
import type { PayloadOf } from '../lib/documents/envelope.ts';
import { init } from '../lib/documents/init.ts';
import { InfraError } from '../lib/errors.ts';
import { diffText } from '../lib/render/init.ts';
import { type DiffLine, lineDiff } from '../lib/site/line-diff.ts';

/** Reads the repository, writes infra.yaml if there is none. Exits 0, or 65 when there is one. */
export default class Init extends InfraCommand<typeof init> {
  static override summary = 'Write an infra.yaml from what the repository says.';
  static override description =
    'It never overwrites: where an infra.yaml exists, the difference is shown and nothing is written.';
  static override examples = ['<%= config.bin %> init', '<%= config.bin %> init --dry-run'];
  static override flags = { 'dry-run': dryRunFlag };

  protected override readonly document = init;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof init>>> {
    const { flags } = await this.parse(Init);
    const context = this.context();
    const site = await context.site('read');
    const { files } = await context.clients('files');
    const content = await proposal({ files }, site, this.host.env);
    const file = join(site.root.value, 'infra.yaml');
    const existing = site.file === undefined ? undefined : await files.read(file);
    if (existing === content) {
      return {
        status: 'ok',
        payload: { file, written: false, content },
        text: () => `${file} is there and complete: nothing to change.`,
      };
    }
    if (existing !== undefined) return exists(file, content, lineDiff(existing, content));
    if (flags['dry-run'])
      return { status: 'ok', payload: { file, written: false, content }, text: () => content.trimEnd() };
    if (!(await files.createExclusive(file, content, 0o644))) return exists(file, content, []);
    return {
      status: 'ok',
      payload: { file, written: true, content },
      text: (style) => `${style.mark('PASS')} wrote ${file}\n  look it over, then: infra config trust && infra doctor`,
    };
  }
}

function exists(file: string, content: string, diff: readonly DiffLine[]): Outcome<PayloadOf<typeof init>> {
  return {
    payload: { file, written: false, content, diff: diff.map(({ sign, text }) => `${sign}${text}`) },
    text: (style) => diffText(style, diff),
    error: new InfraError(
      'init.exists',
      'data',
      `${file} exists already. The difference to what infra init would write is shown; nothing was written.`,
      {
        hints: [
          'Edit it by hand, then: infra config check',
          'To begin anew, move it away: mv infra.yaml infra.yaml.old && infra init',
        ],
      },
    ),
  };
}
