import type { Desired } from '../resource.ts';
import { type Model, wants } from './model.ts';
import { domainsOf } from './users.ts';

/** The zone of the sandbox at its Cloudflare stand-in. */
const ZONE = 'sandboxzone';

const TUNNEL = 'tunnel.cfargotunnel.com';

/** Stack `cloudflared`: one proxied record for each domain that a user asks for, and the wildcard. */
export const cloudflaredModel: Model = async ({ users }) =>
  wants([
    record('proxied', undefined, '*'),
    ...domainsOf(users()).map((domain) => record('dns_record', domain, domain)),
  ]);

/** A proxied CNAME to the tunnel. */
export function record(name: string, key: string | undefined, host: string): Desired {
  return {
    module: 'module.cloudflared',
    type: 'cloudflare_record',
    name,
    ...(key === undefined ? {} : { key }),
    values: { content: TUNNEL, name: host, proxied: true, type: 'CNAME', zone_id: ZONE },
    computed: ['id'],
  };
}
