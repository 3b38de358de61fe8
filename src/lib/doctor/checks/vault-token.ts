import { isInfraError } from '../../errors.ts';
import { type Check, fail, pass, unknown, warn } from '../check.ts';

/** A user add with its applies takes minutes; a token that ends before would leave it half done. */
const ENOUGH_SECONDS = 1800;

/** The token in use: where it comes from, whether Vault takes it, how long it lives. */
export const vaultToken: Check = {
  id: 'vault.token',
  title: 'Vault token',
  group: 'Vault',
  needs: 'site',
  after: 'vault.server',
  run: async (world, site) => {
    const login = 'vault login -method=oidc';
    const command = 'vault token lookup';
    const vault = await world.client('vault');
    try {
      const token = await vault.tokenSelf();
      const whose = `${token.displayName}, from ${await vault.tokenSource()}`;
      if (token.ttlSeconds === 0) return pass(`${whose}, never expires`, { command });
      const left = duration(token.ttlSeconds);
      if (token.ttlSeconds < ENOUGH_SECONDS)
        return warn(`${whose}, expires in ${left}`, token.renewable ? 'vault token renew' : login, { command });
      return pass(`${whose}, expires in ${left}`, { command });
    } catch (error) {
      if (isInfraError(error, 'vault.no-token')) return fail('there is none', login, { command });
      if (isInfraError(error, 'vault.denied'))
        return fail(`${site.vault.address.value} does not take it: expired, revoked, or of another Vault`, login, {
          command,
        });
      if (isInfraError(error, 'vault.address-not-trusted', 'config.untrusted'))
        return unknown(error.message, error.code, { hint: 'infra config trust' });
      throw error;
    }
  },
};

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
