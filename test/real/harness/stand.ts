/** All servers, one site on them, and infra to change it: what an end-to-end test starts with. */
import { type Infra, makeInfra } from './infra.ts';
import { type Kubernetes, startKubernetes } from './kubernetes.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { must } from './run.ts';
import { makeSite, type Site, type SiteOptions } from './site.ts';
import { startVault, type Vault } from './vault.ts';

export interface Stand {
  vault: Vault;
  kubernetes: Kubernetes;
  postgres: Postgres;
  site: Site;
  infra: Infra;
  stop(): Promise<void>;
}

export async function startStand(options: Pick<SiteOptions, 'shape' | 'terragrunt' | 'users'>): Promise<Stand> {
  const started = await Promise.allSettled([
    startVault({ kubernetesPlugins: true }),
    startKubernetes(),
    startPostgres(),
  ]);
  const stopServers = () =>
    Promise.all(started.map((each) => (each.status === 'fulfilled' ? each.value.stop() : undefined)));
  const [vault, kubernetes, postgres] = started;
  try {
    if (vault.status === 'rejected') throw vault.reason;
    if (kubernetes.status === 'rejected') throw kubernetes.reason;
    if (postgres.status === 'rejected') throw postgres.reason;
    const servers = { vault: vault.value, kubernetes: kubernetes.value, postgres: postgres.value };
    const site = await makeSite({ ...options, ...servers });
    const infra = await makeInfra(site);
    await must(process.execPath, [infra.program, 'config', 'trust', '--yes'], { env: infra.env });
    const stop = async (): Promise<void> => {
      await site.remove();
      await stopServers();
    };
    return { ...servers, site, infra, stop };
  } catch (error) {
    await stopServers();
    throw error;
  }
}
