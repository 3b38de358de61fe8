import { Args } from '@oclif/core';
import { InfraCommand } from '../lib/cli/command.ts';
import { SHELLS, shellScript } from '../lib/cli/completion/script.ts';
import { textFlags } from '../lib/cli/flags.ts';
import type { Outcome } from '../lib/cli/report.ts';

/** Reads nothing, writes nothing. Exits 0, or 64 for another shell. */
export default class Completion extends InfraCommand<undefined> {
  static override summary = 'Print the script that makes TAB complete commands, flags, users and stacks.';
  static override examples = [
    {
      command: 'source <(infra completion bash)',
      description: 'bash, for this shell; put the line into ~/.bashrc to keep it.',
    },
    { command: 'infra completion zsh > ~/.zfunc/_infra', description: 'zsh, once, into a folder of fpath.' },
    { command: 'infra completion fish > ~/.config/fish/completions/infra.fish', description: 'fish, once.' },
  ];
  static override baseFlags = textFlags;
  static override args = {
    shell: Args.option({ description: 'The shell to complete in.', options: SHELLS })({
      required: true,
      ignoreStdin: true,
    }),
  };

  protected override readonly document = undefined;

  protected override async execute(): Promise<Outcome<Record<string, never>>> {
    const { args } = await this.parse(Completion);
    return { status: 'ok', payload: {}, text: () => shellScript(args.shell) };
  }
}
