import { Args } from '@oclif/core';
import { addFlags, type EntryFlags, entryIsOnStdin } from '../../lib/cli/add-flags.ts';
import { runAdd } from '../../lib/cli/add-run.ts';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { userAdd } from '../../lib/documents/user-add.ts';
import { askMissing, needUser } from '../../lib/users/add/ask-entry.ts';
import type { User } from '../../lib/users/entry.ts';
import { userFromFlags, userFromJson } from '../../lib/users/schema.ts';

/**
 * Reads Vault, cluster, repository; writes the users' secret, applies the stacks that read it, commits and pushes Tier-0
 * state, keeps a journal. Exits 0, or 4 refused, 5 incomplete, 64, 65, 69, 75, 77, 78.
 */
export default class UserAdd extends InfraCommand<typeof userAdd> {
  static override summary = 'Add a user: the entry in Vault, every stack that reads it in order, and the proof.';
  static override examples = [
    '<%= config.bin %> user add alice --email alice@example.com',
    '<%= config.bin %> user add alice --email alice@example.com --namespace alice-prod --namespace alice-dev --quota cpu_requests=4',
    { command: '<%= config.bin %> user add alice --email alice@example.com --dry-run', description: 'Look first.' },
    {
      command: 'echo \'{"email":"a@example.com"}\' | <%= config.bin %> user add alice - --yes',
      description: 'Entry as JSON.',
    },
  ];
  static override args = {
    user: Args.string({
      description: 'Name of the new user; also the login in Forgejo.',
      required: true,
      ignoreStdin: true,
    }),
    entry: Args.string({ description: '- reads the entry as JSON from standard input.', ignoreStdin: true }),
  };
  static override flags = addFlags;

  protected override readonly document = userAdd;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof userAdd>>> {
    const { args, flags } = await this.parse(UserAdd);
    const isStdin = entryIsOnStdin(args.entry, flags);
    const user = isStdin ? await this.#fromStdin(args.user) : await this.#fromFlags(args.user, flags);
    const runner = { host: this.host, output: this.output, context: this.context() };
    return runAdd(runner, {
      user,
      noApply: !flags.apply,
      dryRun: flags['dry-run'],
      yes: flags.yes,
      allowUnrelated: flags['allow-unrelated'],
      noBaseline: !flags.baseline,
      restartPortal: flags['restart-portal'],
      confirmEmail: flags.confirm,
    });
  }

  async #fromStdin(name: string): Promise<User> {
    return needUser(userFromJson(name, await this.host.stdin.text()), name);
  }

  async #fromFlags(name: string, flags: EntryFlags): Promise<User> {
    const { prompt } = await this.context().clients('prompt');
    const input = {
      name,
      role: flags.role,
      email: flags.email,
      namespaces: flags.namespace,
      domains: flags.domain,
      quota: flags.quota,
    };
    return needUser(userFromFlags(await askMissing(prompt, input)), name);
  }
}
