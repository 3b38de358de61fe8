import type { ResourceChange } from '../../plan/plan-document.ts';
import type { Risk } from '../../stack.ts';

/** `cloudflare_zero_trust_tunnel_cloudflared_config`, and `cloudflare_tunnel_config` before provider version 5. */
const TUNNEL_CONFIG = /^cloudflare_(zero_trust_tunnel_cloudflared|tunnel)_config$/;

/**
 * The configuration of a tunnel says where everything public goes. A plan that changed it back to what code said, while
 * somebody had changed it by hand, made every public host answer 502; and the way to mend it led through the tunnel.
 */
export function tunnelRisk({ type, change }: ResourceChange): Risk | undefined {
  if (!TUNNEL_CONFIG.test(type) || !change.actions.includes('update')) return undefined;
  return {
    code: 'stack.tunnel-change',
    because: 'it changes where everything public is sent; what was set by hand there is lost',
  };
}
