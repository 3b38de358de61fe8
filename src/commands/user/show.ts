import { join } from 'node:path';
import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import { userArg } from '../../lib/cli/flags.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { unknownName } from '../../lib/cli/suggest.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { userShow } from '../../lib/documents/user-show.ts';
import { InfraError } from '../../lib/errors.ts';
import { fillTemplate, onboardingValues } from '../../lib/render/user-onboarding.ts';
import { userShowText } from '../../lib/render/user-show.ts';
import type { Site } from '../../lib/site/site.ts';
import { showUser } from '../../lib/users/show.ts';
import type { StoredUser } from '../../lib/users/stored-entry.ts';
import { storedFields } from '../../lib/users/stored-entry.ts';

/** Reads the users' secret; writes nothing. Exits 0, 64 for an unknown user, 65, 69, 77, 78. */
export default class UserShow extends InfraCommand<typeof userShow> {
  static override summary = 'One user: the entry, the quota that applies, and the text to send to the user.';
  static override examples = ['<%= config.bin %> user show alice', '<%= config.bin %> user show alice --onboarding'];
  static override args = { user: { ...userArg, required: true } };
  static override flags = {
    onboarding: Flags.boolean({ description: 'Print the text for the user instead, in Markdown and without secrets.' }),
  };

  protected override readonly document = userShow;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof userShow>>> {
    const { args, flags } = await this.parse(UserShow);
    const context = this.context();
    const site = await context.site('read');
    const { user, names } = await showUser(await context.clients('vault'), site, String(args.user));
    await context.rememberUsers(names);
    if (user === undefined) throw unknownName('user', String(args.user), names);
    const onboarding = flags.onboarding ? await this.#onboarding(user.stored, site) : undefined;
    return {
      status: 'ok',
      payload: {
        user: storedFields(user.stored),
        version: user.version,
        otherKeys: [...user.otherKeys],
        ...(user.quota === undefined ? {} : { effectiveQuota: { ...user.quota } }),
        ...(onboarding === undefined ? {} : { onboarding }),
      },
      text: (style) => onboarding ?? userShowText(style, user),
    };
  }

  async #onboarding({ name, entry, problems }: StoredUser, site: Site): Promise<string> {
    if (entry === undefined) {
      throw new InfraError(
        'users.entry-unreadable',
        'data',
        `The entry of ${name} cannot be read: ${problems.join(' ')}`,
      );
    }
    const { files } = await this.context().clients('files');
    const path = join(this.config.root, 'templates', 'onboarding', `${entry.role}.md`);
    const template = await files.read(path);
    if (template === undefined) {
      throw new InfraError('users.no-template', 'config', `The installation of infra lacks ${path}.`);
    }
    return fillTemplate(template, onboardingValues({ name, entry }, site));
  }
}
