import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFiles } from '../../src/sandbox/repository/files.ts';
import { kubeconfig, rootFiles } from '../../src/sandbox/repository/root.ts';
import { acceptAddresses } from '../../src/sandbox/repository/trust.ts';
import { startServers, stopServers } from '../../src/sandbox/servers.ts';
import { writeShims } from '../../src/sandbox/shims.ts';
import { addressesOf, environmentOf, type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import type { World } from '../../src/sandbox/world.ts';

/** What a command needs of a platform. */
export type Scene = Pick<Sandbox, 'repo' | 'env'>;

/** A clone and a home, in which one world after the other is played. */
export type Stage = {
  readonly play: <T>(world: World, act: (scene: Scene) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

/**
 * Sets a stage: one sandbox with its repository, history and home. Each world then brings its own servers, new ones,
 * and the files that name them. No stack is applied for it: that is for those who read what stacks made.
 */
export async function setStage(): Promise<Stage> {
  const sandbox = await startSandbox({ authentik: true });
  const { dir, repo, origin } = sandbox;
  return {
    play: async (world, act) => {
      const servers = await startServers(world, []);
      try {
        const named = addressesOf(dir, world, servers, { authentik: true, recipients: [] });
        // Without TLS: a handshake for each of hundreds of programs in pods proves nothing here.
        const addresses = { ...named, kubernetes: servers.kubernetes.url };
        const { loginFails } = world.kubernetes;
        await Promise.all([
          loginFails === undefined ? undefined : writeShims(join(dir, 'bin'), dir, loginFails),
          writeFile(join(dir, 'kubeconfig'), kubeconfig(addresses), { mode: 0o600 }),
          writeFiles(repo, rootFiles(addresses), []),
          acceptAddresses(join(dir, 'home', 'config'), repo, origin, addresses),
        ]);
        return await act({ repo, env: environmentOf(dir, repo, servers, { authentik: true }) });
      } finally {
        await stopServers(servers);
      }
    },
    close: sandbox.stop,
  };
}
