import { Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import { userArg } from '../../lib/cli/flags.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { unknownName } from '../../lib/cli/suggest.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { userVerify } from '../../lib/documents/user-verify.ts';
import { InfraError } from '../../lib/errors.ts';
import { countVerdicts, statusOfFindings } from '../../lib/findings/finding.ts';
import { userVerifyText } from '../../lib/render/user-verify.ts';
import { verifyStored } from '../../lib/users/verify/verify-stored.ts';

/** Reads Vault, the cluster and, with tokens, Cloudflare and Authentik; writes nothing. Exits 0, 1, 2, 3, 64, 65, 69, 77, 78. */
export default class UserVerify extends InfraCommand<typeof userVerify> {
  static override summary = 'Compare every object that users stand for with what is there.';
  static override examples = [
    '<%= config.bin %> user verify alice',
    '<%= config.bin %> user verify alice bob',
    '<%= config.bin %> user verify --all --json',
  ];
  static override args = { user: { ...userArg, multiple: true as const, required: false } };
  static override flags = { all: Flags.boolean({ description: 'Every user.', default: false }) };

  protected override readonly document = userVerify;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof userVerify>>> {
    const { args, flags } = await this.parse(UserVerify);
    const names = [args.user ?? []].flat();
    if (flags.all === names.length > 0) {
      const message = flags.all ? 'Names and --all exclude each other.' : 'Which user? Nothing was named.';
      throw new InfraError('usage.which-user', 'usage', message, {
        hints: ['infra user verify alice', 'infra user verify --all', 'Names: infra user list'],
      });
    }
    const context = this.context();
    const site = await context.site('read');
    const clients = await context.clients('vault', 'kubernetes', 'files', 'http', 'tokens');
    const verification = await verifyStored(clients, site, flags.all ? undefined : names);
    await context.rememberUsers(verification.names);
    const [unknown] = verification.unknown;
    if (unknown !== undefined) throw unknownName('user', unknown, verification.names);
    const { shape, shapeReason, users } = verification;
    const findings = users.flatMap((user) => user.findings);
    return {
      status: statusOfFindings(findings),
      payload: {
        shape,
        shapeReason,
        users: users.map((user) => ({ name: user.name, findings: [...user.findings] })),
        counts: countVerdicts(findings),
      },
      text: (style) => userVerifyText(style, verification),
    };
  }
}
