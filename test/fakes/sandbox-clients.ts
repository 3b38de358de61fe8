import { makeClock } from '../../src/lib/clients/clock/live.ts';
import { makeFiles } from '../../src/lib/clients/files/live.ts';
import { makeHttp } from '../../src/lib/clients/http/live.ts';
import { makeKubernetes } from '../../src/lib/clients/kubernetes/live.ts';
import { makeTokens } from '../../src/lib/clients/tokens/live.ts';
import { makeVault } from '../../src/lib/clients/vault/live.ts';
import { loadSite } from '../../src/lib/site/load.ts';
import type { Site } from '../../src/lib/site/site.ts';
import type { VerifyClients } from '../../src/lib/users/verify/platform.ts';
import type { Sandbox } from '../../src/sandbox/start.ts';

/** The live clients of a running sandbox, and its site as the commands would load it. */
export async function sandboxClients(
  sandbox: Sandbox,
  env: Readonly<Record<string, string>> = sandbox.env,
): Promise<{
  readonly clients: VerifyClients & { readonly clock: ReturnType<typeof makeClock> };
  readonly site: Site;
}> {
  const files = makeFiles();
  const clock = makeClock();
  const home = env.HOME ?? '';
  const { site } = await loadSite({ files, env, cwd: sandbox.repo, repoFlag: undefined, mode: 'read' });
  const shared = { env, home, files, clock, loopbackOnly: true };
  const vault = makeVault({ ...shared, address: site.vault.address.value, trustedAddress: true });
  return {
    site,
    clients: {
      clock,
      files,
      vault,
      http: makeHttp({ env, loopbackOnly: true }),
      kubernetes: makeKubernetes({ ...shared, onPluginMessage: () => {} }),
      tokens: makeTokens({ env, home, root: site.root.value, files, vault }),
    },
  };
}
