import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';

/** `{health: {initialized, sealed, standby, version}}`, and `{exists}` where a path was named. No value is ever read. */
export const vault: Kind<KindOptions<'vault'>> = {
  kind: 'passive',
  cost: '1 or 2 reads of Vault',
  needs: () => [],
  async collect({ exists }, { client }) {
    const api = await client('vault');
    const { initialized, sealed, standby, version } = await api.health();
    const health = { initialized, sealed, standby, version };
    return exists === undefined ? { health } : { health, exists: await api.kvExists(exists) };
  },
};
