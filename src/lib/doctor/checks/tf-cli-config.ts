import { type Check, fail, pass } from '../check.ts';

/**
 * TF_CLI_CONFIG_FILE that names a missing file: tofu prints a warning before its version, and terragrunt 1.x stops with
 * "Unable to parse Terraform version output".
 */
export const tfCliConfig: Check = {
  id: 'machine.tf-cli-config',
  title: 'TF_CLI_CONFIG_FILE',
  group: 'machine',
  needs: 'machine',
  run: async (world) => {
    const path = world.env.TF_CLI_CONFIG_FILE;
    if (path === undefined || path === '') return pass('not set');
    const files = await world.client('files');
    if ((await files.info(path)) !== undefined) return pass(path);
    return fail(
      `names ${path}, which does not exist: terragrunt 1.x stops at the warning about it`,
      'unset TF_CLI_CONFIG_FILE',
      {
        command: 'echo "$TF_CLI_CONFIG_FILE"',
      },
    );
  },
};
