import { InfraCommand } from '../lib/cli/command.ts';
import type { Context } from '../lib/cli/context.ts';
import type { Outcome } from '../lib/cli/report.ts';
import { CHECKS } from '../lib/doctor/catalogue.ts';
import type { SiteState, World } from '../lib/doctor/check.ts';
import { runChecks } from '../lib/doctor/engine.ts';
import { makeProgramReader } from '../lib/doctor/programs.ts';
import { doctor } from '../lib/documents/doctor.ts';
import type { PayloadOf } from '../lib/documents/envelope.ts';
import { isInfraError } from '../lib/errors.ts';
import { countVerdicts, statusOfFindings } from '../lib/findings/finding.ts';
import { doctorText } from '../lib/render/doctor.ts';
import { isTrusted, readTrust } from '../lib/site/trust.ts';

/** Reads only, but for a file in the state folder that it removes again. Exits 0, 1 WARN, 2 FAIL, 3 UNKNOWN. */
export default class Doctor extends InfraCommand<typeof doctor> {
  static override summary = 'Check what the commands need: programs, repository, Vault, cluster; each with its fix.';
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json'];

  protected override readonly document = doctor;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof doctor>>> {
    const { flags } = await this.parse(Doctor);
    const context = this.context();
    const isNamed = flags.repo !== undefined || (this.host.env.INFRA_REPO ?? '') !== '';
    const siteState = await siteStateOf(context, isNamed);
    const findings = await runChecks(CHECKS, this.#world(context, siteState));
    return {
      status: statusOfFindings(findings),
      payload: {
        ...(siteState.state === 'present' ? { root: siteState.site.root.value } : {}),
        findings: [...findings],
        counts: countVerdicts(findings),
      },
      text: (style) => doctorText(style, findings),
    };
  }

  #world(context: Context, siteState: SiteState): World {
    const { env, home } = this.host;
    const client: World['client'] = async (name) => (await context.clients(name))[name];
    return {
      siteState,
      env,
      stateFolder: context.stateFolder,
      client,
      program: makeProgramReader(() => client('processes')),
      trusts: async (subject) => {
        if (siteState.state !== 'present') return false;
        const trust = await readTrust(await client('files'), { ...env, HOME: home }, siteState.site.root.value);
        return isTrusted(trust, subject, [env.VAULT_ADDR]);
      },
    };
  }
}

/** A repository that nobody named and that is not there is no fault; one that was named is. */
async function siteStateOf(context: Context, isNamed: boolean): Promise<SiteState> {
  try {
    return { state: 'present', site: await context.site('read') };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { state: error.code === 'config.no-repository' && !isNamed ? 'absent' : 'invalid', error };
  }
}
