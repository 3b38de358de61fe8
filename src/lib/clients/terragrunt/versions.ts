import { InfraError, isInfraError } from '../../errors.ts';
import type { Processes } from '../process/client.ts';
import type { ToolVersions } from './client.ts';
import { unitEnvironment } from './environment.ts';
import { assertCliConfig, named } from './run-unit.ts';

const ASK_MS = 30_000;

/** What decides which tool terragrunt calls: its own variables, the old one last. */
type Environment = Readonly<Record<string, string | undefined>>;

/** The tool that terragrunt calls, and how to call it. */
export type Tool = Pick<ToolVersions, 'tool' | 'toolVersion'> & { readonly program: string };

/** Versions of terragrunt and of the tool that it calls. */
export async function readVersions(
  processes: Pick<Processes, 'run'>,
  own: Environment,
  folder: string,
): Promise<ToolVersions> {
  const ask = { program: 'terragrunt', args: ['--version'], cwd: folder, env: unitEnvironment({ env: {} }) };
  const ran = await named(() => processes.run(ask, { timeoutMs: ASK_MS }));
  const terragrunt = /\bv?(\d+\.\d+\.\d+\S*)/.exec(ran.stdout)?.[1];
  if (ran.exitCode !== 0 || terragrunt === undefined) throw badOutput('terragrunt --version', 'a version');
  const { tool, toolVersion } = await findTool(processes, own, folder);
  return { terragrunt, tool, toolVersion };
}

/**
 * The tool that terragrunt calls: TG_TF_PATH, TERRAGRUNT_TFPATH, `tofu` where it can be run, else `terraform`
 * (terragrunt pkg/options/options.go). A `terraform_binary` in a terragrunt.hcl is not looked at.
 */
export async function findTool(processes: Pick<Processes, 'run'>, own: Environment, folder: string): Promise<Tool> {
  const explicit = explicitTool(own);
  for (const program of explicit === undefined ? ['tofu', 'terraform'] : [explicit]) {
    const found = await askTool(processes, program, folder);
    if (found !== undefined) return found;
  }
  throw new InfraError(
    'terragrunt.tool-not-found',
    'config',
    `terragrunt would call ${explicit ?? 'tofu or terraform'}, which is not there or does not run.`,
    {
      hints: ['Install OpenTofu or Terraform, or set TG_TF_PATH to it.'],
    },
  );
}

/** The tool that the operator names, if any. */
export function explicitTool(own: Environment): string | undefined {
  return own.TG_TF_PATH || own.TERRAGRUNT_TFPATH || undefined;
}

async function askTool(processes: Pick<Processes, 'run'>, program: string, folder: string): Promise<Tool | undefined> {
  const command = { program, args: ['version'], cwd: folder, env: unitEnvironment({ env: {} }) };
  try {
    const asked = await processes.run(command, { timeoutMs: ASK_MS });
    assertCliConfig(asked.stdout + asked.stderr);
    if (asked.exitCode !== 0) return undefined;
    const [, name, toolVersion] = /^(OpenTofu|Terraform) v(\S+)/m.exec(asked.stdout) ?? [];
    if (toolVersion === undefined) throw badOutput(`${program} version`, 'a version');
    return { program, tool: name === 'OpenTofu' ? 'tofu' : 'terraform', toolVersion };
  } catch (error) {
    if (isInfraError(error, 'process.not-found')) return undefined;
    throw error;
  }
}

/** `terragrunt.bad-output` (70): a program said something that this client does not understand. Never quotes it. */
export function badOutput(ran: string, wanted: string): InfraError {
  return new InfraError('terragrunt.bad-output', 'bug', `${ran} did not print ${wanted}.`);
}
