import { Flags } from '@oclif/core';
import { InfraCommand } from '../lib/cli/command.ts';
import { textFlags } from '../lib/cli/flags.ts';
import type { Outcome } from '../lib/cli/report.ts';
import { listWorlds, runSandbox } from '../sandbox/run.ts';

/**
 * Starts stand-ins on loopback ports and runs a command or a shell among them; all of it is gone afterwards.
 * Writes a temporary folder. Exits with the command's status, or 64 for a world that does not exist.
 */
export default class Sandbox extends InfraCommand<undefined> {
  static override summary = 'Play the whole platform on this machine, healthy or broken, and run a command in it.';
  static override usage = 'sandbox [--world NAME] [--authentik] [--keep] [-- COMMAND…]';
  static override examples = [
    { command: '<%= config.bin %> sandbox', description: 'A shell on a healthy platform.' },
    '<%= config.bin %> sandbox -- infra user add alice --email alice@example.com --yes',
    { command: '<%= config.bin %> sandbox --list', description: 'The worlds, each with what one would notice.' },
  ];
  static override baseFlags = textFlags;
  static override flags = {
    world: Flags.string({ description: 'The world to play.', default: 'healthy', helpValue: 'NAME' }),
    list: Flags.boolean({ description: 'Print the worlds and end.' }),
    json: Flags.boolean({ description: 'Print the list as JSON.', dependsOn: ['list'] }),
    authentik: Flags.boolean({ description: "Configure Authentik's API too." }),
    keep: Flags.boolean({ description: 'Leave the folder and print where it is.' }),
  };

  protected override readonly document = undefined;

  #commandStatus: number | undefined;

  override async run(): Promise<void> {
    await super.run();
    if (this.#commandStatus !== undefined) this.host.setExitStatus(this.#commandStatus);
  }

  protected override async execute(): Promise<Outcome<Record<string, never>>> {
    // Everything after the first `--` belongs to COMMAND; the parser would reorder it, and forgets it afterwards.
    const end = this.argv.indexOf('--');
    const own = end === -1 ? this.argv : this.argv.slice(0, end);
    const command = end === -1 ? [] : this.argv.slice(end + 1);
    const { flags } = await this.parse(Sandbox, own);
    if (flags.list) return { status: 'ok', payload: {}, text: () => (flags.json ? json() : table()) };
    this.#commandStatus = await this.hold(() =>
      runSandbox({
        world: flags.world,
        command,
        authentik: flags.authentik,
        keep: flags.keep,
        env: this.host.env,
        interrupt: this.signal,
        say: (line) => this.host.stderr.write(`${line}\n`),
      }),
    );
    return { status: 'ok', payload: {}, text: () => '' };
  }
}

function table(): string {
  const width = Math.max(...listWorlds().map((world) => world.name.length));
  return listWorlds()
    .map((world) => `${world.name.padEnd(width)}  ${world.symptom}\n`)
    .join('');
}

function json(): string {
  return `${JSON.stringify(listWorlds(), undefined, 2)}\n`;
}
