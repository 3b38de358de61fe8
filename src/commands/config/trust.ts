import { InfraCommand } from '../../lib/cli/command.ts';
import { yesFlag } from '../../lib/cli/flags.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { configTrust } from '../../lib/documents/config-trust.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { InfraError } from '../../lib/errors.ts';
import { configTrustText } from '../../lib/render/config.ts';
import { trustSubjects } from '../../lib/site/addresses.ts';
import { accept, isTrusted, readTrust } from '../../lib/site/trust.ts';

/** Writes ~/.config/infra/trust.json after a yes. Exits 0, or 4 when nobody said yes. */
export default class ConfigTrust extends InfraCommand<typeof configTrust> {
  static override summary = 'Accept the addresses that this repository chose, once, before credentials go there.';
  static override description =
    'An infra.yaml is a file in a repository that anyone may clone or branch. Your Vault token and other credentials go only to VAULT_ADDR, to the server of your kubeconfig, and to what you accept here.';
  static override examples = ['<%= config.bin %> config trust', '<%= config.bin %> config trust --yes'];
  static override flags = { yes: yesFlag };

  protected override readonly document = configTrust;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof configTrust>>> {
    const { flags } = await this.parse(ConfigTrust);
    const context = this.context();
    const site = await context.site('read');
    const { files, prompt } = await context.clients('files', 'prompt');
    const env = { ...this.host.env, HOME: this.host.home };
    const trust = await readTrust(files, env, site.root.value);
    const outcome = (accepted: ReadonlySet<string>) => {
      const subjects = trustSubjects(site).map((one) => ({ ...one, accepted: isTrusted({ accepted }, one.subject) }));
      return {
        payload: { root: trust.root, origin: trust.origin, trustFile: trust.file, subjects },
        text: (style: Parameters<typeof configTrustText>[0]) => configTrustText(style, subjects, trust.file),
      };
    };
    const before = outcome(trust.accepted);
    const open = before.payload.subjects.filter((one) => !one.accepted).map((one) => one.subject);
    if (open.length === 0) return { status: 'ok', ...before };
    if (!flags.yes && prompt.available) this.output.note(before.text(this.output.sideStyle));
    const yes = flags.yes || (prompt.available && (await prompt.confirm('Accept what is not accepted yet?')));
    if (!yes) return { ...before, error: notConfirmed(open.length) };
    await this.hold(() => accept(files, trust, open));
    return { status: 'ok', ...outcome((await readTrust(files, env, site.root.value)).accepted) };
  }
}

function notConfirmed(count: number): InfraError {
  return new InfraError(
    'config.not-confirmed',
    'refused',
    `Nobody accepted ${count === 1 ? 'it' : `the ${count} entries`}. Nothing was changed.`,
    {
      hints: ['If they are right: infra config trust --yes'],
    },
  );
}
