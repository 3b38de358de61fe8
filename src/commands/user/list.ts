import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { userList } from '../../lib/documents/user-list.ts';
import { userListText } from '../../lib/render/user-list.ts';
import { type UserList as Listed, listUsers } from '../../lib/users/list.ts';
import { storedFields } from '../../lib/users/stored-entry.ts';

/**
 * Reads the users' secret and, for the drift marks, two lists of the cluster; writes nothing. Exits 0, drift or not, since a
 * list judges nobody (`user verify` does); 3 when a mark that was asked for is unknown; 65, 69, 77, 78.
 */
export default class UserList extends InfraCommand<typeof userList> {
  static override summary = 'All users: role, namespaces, quota, and whether the cluster has them.';
  static override examples = ['<%= config.bin %> user list', '<%= config.bin %> user list --no-drift --json'];
  static override flags = {
    drift: Flags.boolean({
      description: 'Ask the cluster whether each user’s namespaces and bindings exist; 3 when that could not be told.',
      default: true,
      allowNo: true,
    }),
  };

  protected override readonly document = userList;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof userList>>> {
    const { flags } = await this.parse(UserList);
    const context = this.context();
    const site = await context.site('read');
    const list = await listUsers(await context.clients('vault', 'kubernetes'), site, { drift: flags.drift });
    await context.rememberUsers(list.users.map(({ stored }) => stored.name));
    return {
      status: isToldOf(list) ? 'ok' : 'unknown',
      payload: {
        version: list.version,
        users: list.users.map(({ stored, drift, differences }) => ({
          ...storedFields(stored),
          drift,
          differences: [...differences],
        })),
        strays: [...list.strays],
        ...(list.unknown === undefined ? {} : { driftUnknown: list.unknown }),
      },
      text: (style) => userListText(style, list),
    };
  }
}

/** Whether every mark that was asked for could be told; drift is told too. */
function isToldOf({ users, unknown }: Listed): boolean {
  return unknown === undefined && users.every(({ drift }) => drift !== 'unknown');
}
