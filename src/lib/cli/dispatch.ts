// oclif's main module loads all of oclif; these three are what is used before a command.
import { Config } from '@oclif/core/config';
import { Help } from '@oclif/core/help';
import { settings } from '@oclif/core/settings';
import { attachHost, type Host } from './host.ts';
import { report, runWithoutCommand } from './report.ts';
import { resolve } from './resolve.ts';

/**
 * Finds the command that the arguments name and runs it. oclif parses flags, keeps the manifest and prints help; the
 * way from the arguments to the command is ours, since oclif's ends in guesses, in statuses of its own and, under
 * `--json`, in text.
 */
export async function dispatch(root: string, argv: readonly string[], host: Host): Promise<void> {
  settings.enableAutoTranspile = false;
  const run = runWithoutCommand(host, argv);
  const config = await Config.load({ root });
  attachHost(config, host);
  const resolved = resolve(argv, {
    commands: config.commandIDs,
    topics: config.topics
      .filter((topic) => config.commandIDs.some((id) => id.startsWith(`${topic.name}:`)))
      .map((topic) => topic.name),
  });
  if (resolved.kind === 'help') {
    const options = { ...config.pjson.oclif.helpOptions, stripAnsi: run.output.style.colorLevel === 0 };
    await new Help(config, options).showHelp([...resolved.words]);
    return;
  }
  if (resolved.kind === 'error') {
    report(run, { payload: {}, error: resolved.error });
    return;
  }
  const loadable = config.findCommand(resolved.id, { must: true });
  const command = await loadable.load();
  await command.run([...resolved.argv], config);
}
