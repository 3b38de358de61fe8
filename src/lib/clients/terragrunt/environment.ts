import type { Unit } from './client.ts';

/**
 * What every run gets. Verbose logs are switched off because they print request bodies, and with them secrets, into
 * output files; `all` and `graph` because one unit at a time is the promise, whatever the operator's shell exports.
 * terragrunt reads TG_*, tofu and terraform read TF_* and CHECKPOINT_DISABLE.
 */
const FIXED: Readonly<Record<string, string>> = {
  TG_NON_INTERACTIVE: 'true',
  TG_NO_COLOR: 'true',
  TG_LOG_LEVEL: 'info',
  TG_LOG_FORMAT: 'pretty',
  TG_ALL: 'false',
  TG_GRAPH: 'false',
  TF_IN_AUTOMATION: '1',
  TF_INPUT: '0',
  CHECKPOINT_DISABLE: '1',
  TF_LOG: '',
  TF_LOG_CORE: '',
  TF_LOG_PROVIDER: '',
  TF_LOG_PATH: '',
};

/** The environment of one unit's runs. */
export function unitEnvironment(unit: Pick<Unit, 'env'>): Record<string, string> {
  return { ...unit.env, ...FIXED };
}
