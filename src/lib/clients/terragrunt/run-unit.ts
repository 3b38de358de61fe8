import { InfraError, isInfraError } from '../../errors.ts';
import type { Command, Finished, HoldOptions, Processes, RunOptions } from '../process/client.ts';
import type { Unit } from './client.ts';
import { unitEnvironment } from './environment.ts';

/** Texts of tofu and terragrunt 0.99 to 1.1; matched here and nowhere else. */
const NO_CLI_CONFIG = /CLI configuration file at "([^"]*)"\s+does not exist/;
const TERRAGRUNT_GAVE_UP = /Unable to parse (?:Terraform|OpenTofu) version output/;

type Runner = Pick<Processes, 'run' | 'hold'>;

/** Runs terragrunt in a unit's folder as a read: it may be stopped at any time. */
export async function runUnit(
  processes: Runner,
  unit: Unit,
  args: readonly string[],
  options: RunOptions,
): Promise<Finished> {
  return checked(await named(() => processes.run(command(unit, args), options)));
}

/** Runs terragrunt in a unit's folder as a child that may change state. */
export async function holdUnit(
  processes: Runner,
  unit: Unit,
  args: readonly string[],
  options: HoldOptions,
): Promise<Finished> {
  return checked(await named(() => processes.hold(command(unit, args), options)));
}

function command(unit: Unit, args: readonly string[]): Command {
  return { program: 'terragrunt', args, cwd: unit.folder, env: unitEnvironment(unit), secretEnv: unit.secretEnv };
}

/** `terragrunt.not-found` (78) instead of the general error. */
export async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isInfraError(error, 'process.not-found')) throw error;
    throw new InfraError('terragrunt.not-found', 'config', 'terragrunt was not found on PATH.', {
      hints: ['Install the version that the repository pins, then: terragrunt --version'],
      cause: error,
    });
  }
}

/** tofu warns about a missing CLI configuration before its version, and terragrunt cannot read that. */
function checked(ran: Finished): Finished {
  if (ran.exitCode !== 0 && TERRAGRUNT_GAVE_UP.test(ran.stderr)) assertCliConfig(ran.stderr);
  return ran;
}

/** `terragrunt.cli-config-missing` (78) when a tool says that its CLI configuration file does not exist. */
export function assertCliConfig(said: string): void {
  const missing = NO_CLI_CONFIG.exec(said)?.[1];
  if (missing === undefined) return;
  throw new InfraError(
    'terragrunt.cli-config-missing',
    'config',
    `TF_CLI_CONFIG_FILE names ${missing}, which does not exist: tofu then prints a warning that terragrunt cannot read.`,
    { hints: ['unset TF_CLI_CONFIG_FILE', `touch ${missing}`] },
  );
}
