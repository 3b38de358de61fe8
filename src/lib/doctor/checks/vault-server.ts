import { isInfraError } from '../../errors.ts';
import { type Check, fail, pass, skip } from '../check.ts';

/** Vault answers, is unsealed and active. Needs no token. */
export const vaultServer: Check = {
  id: 'vault.server',
  title: 'Vault',
  group: 'Vault',
  needs: 'site',
  run: async (world, site) => {
    const { value: address, source } = site.vault.address;
    if (address === undefined)
      return skip('no address', 'not-configured', { hint: 'export VAULT_ADDR=https://vault.example.com' });
    const command = 'vault status';
    try {
      const health = await (await world.client('vault')).health();
      if (!health.initialized) return fail(`${address} is not initialised`, 'vault operator init', { command });
      if (health.sealed) return fail(`${address} is sealed`, 'vault operator unseal', { command });
      const standby = health.standby ? ', a standby' : '';
      return pass(`${address} (${source}), ${health.version}, unsealed${standby}`, { command });
    } catch (error) {
      if (isInfraError(error, 'vault.sealed'))
        return fail(`${address} is sealed`, 'vault operator unseal', { command });
      if (isInfraError(error, 'vault.unreachable', 'vault.timeout', 'vault.redirected', 'vault.not-json')) {
        return fail(error.message, error.hints[0] ?? `Look at ${source}, the network, and whether Vault runs.`, {
          command,
        });
      }
      throw error;
    }
  },
};
