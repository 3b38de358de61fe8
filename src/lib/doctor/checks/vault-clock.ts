import { type Check, pass, skip, warn } from '../check.ts';

/** Tokens, locks and OIDC logins rely on clocks; beyond this they fail in ways that do not look like a clock. */
const TOLERATED_SECONDS = 30;

/** This machine's clock against Vault's, from sys/health, which needs no token. */
export const vaultClock: Check = {
  id: 'vault.clock',
  title: 'clock',
  group: 'Vault',
  needs: 'site',
  after: 'vault.server',
  run: async (world, site) => {
    const [http, clock] = [await world.client('http'), await world.client('clock')];
    const url = `${site.vault.address.value?.replace(/\/+$/, '')}/v1/sys/health?standbyok=true&perfstandbyok=true`;
    // Vault itself answered before; a private CA of VAULT_CACERT is not this client's, so no answer here is no finding.
    const answer = await http.json({ method: 'GET', url, timeoutMs: 5000 }).catch(() => undefined);
    const body = answer?.body;
    const theirs =
      typeof body === 'object' && body !== null && 'server_time_utc' in body
        ? Number(body.server_time_utc)
        : Number.NaN;
    if (!Number.isFinite(theirs)) return skip('Vault does not tell its time to a plain request', 'not-told');
    const skew = Math.round(clock.now().getTime() / 1000 - theirs);
    if (Math.abs(skew) <= TOLERATED_SECONDS) return pass(`agrees with Vault's within ${TOLERATED_SECONDS} s`);
    const words = `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} Vault's`;
    return warn(words, 'Set it by NTP on whichever machine is wrong: timedatectl set-ntp true', {
      command: 'timedatectl',
    });
  },
};
