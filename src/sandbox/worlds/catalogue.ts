import { InfraError } from '../../lib/errors.ts';
import type { World } from '../world.ts';
import type { Setting } from './authentik/build.ts';
import {
  MAIL_BAN_WORLDS,
  MAIL_QUEUE_WORLDS,
  MAIL_RECORD_WORLDS,
  MAIL_ROUND_WORLDS,
  MAIL_TRACE_WORLDS,
  MAIL_WORLDS,
} from './mail-catalogue.ts';

/** A world as `infra sandbox --list` shows it: what one would notice, never why. */
export type WorldEntry = {
  readonly name: string;
  readonly symptom: string;
  /** `seed` varies names, counts, clocks, order and unrelated warnings; `now` is what ages count from. */
  readonly load: (setting?: Setting) => Promise<World>;
};

/** All worlds, in the order of the list. Each is loaded only when it is played. */
export const WORLDS: readonly WorldEntry[] = [
  {
    name: 'healthy',
    symptom: 'nothing is wrong: four users, seven stacks, every plan is clean',
    load: async (setting) => (await import('./healthy.ts')).healthyWorld(setting),
  },
  {
    name: 'healthy-documented',
    symptom: 'nothing is wrong, and the stack platform still holds RBAC and DNS',
    load: async (setting) => (await import('./healthy-documented.ts')).healthyDocumented(setting),
  },
  {
    name: 'authentik-april',
    symptom: 'nothing is wrong, and authentik keeps sessions in files as it did in April',
    load: async (setting) => (await import('./authentik-april.ts')).authentikApril(setting),
  },
  {
    name: 'authentik-embedded',
    symptom: 'nothing is wrong, and authentik’s outpost runs inside its server',
    load: async (setting) => (await import('./authentik-embedded.ts')).authentikEmbedded(setting),
  },
  {
    name: 'outpost-shm-full',
    symptom: 'one user, then everybody, gets 400 on every protected site',
    load: async (setting) => (await import('./outpost-shm-full.ts')).outpostShmFull(setting),
  },
  {
    name: 'outpost-shm-full-text',
    symptom: '400 on every protected site; the outpost’s log is plain text',
    load: async (setting) => (await import('./outpost-shm-full-text.ts')).outpostShmFullText(setting),
  },
  {
    name: 'outpost-shm-full-rust',
    symptom: 'logging in ends in "Something went wrong" on every protected site',
    load: async (setting) => (await import('./outpost-shm-full-rust.ts')).outpostShmFullRust(setting),
  },
  {
    name: 'outpost-shm-full-previous',
    symptom: '400 on every protected site; somebody has just restarted something',
    load: async (setting) => (await import('./outpost-shm-full-previous.ts')).outpostShmFullPrevious(setting),
  },
  {
    name: 'outpost-shm-full-kept',
    symptom: 'every protected site answers 400, nobody knows since when; there is a Loki',
    load: async (setting) => (await import('./outpost-shm-full-kept.ts')).outpostShmFullKept(setting),
  },
  {
    name: 'outpost-shm-filling',
    symptom: 'nobody has noticed anything yet',
    load: async (setting) => (await import('./outpost-shm-filling.ts')).outpostShmFilling(setting),
  },
  {
    name: 'outpost-oom-killed',
    symptom: 'every protected site asks for a password that nobody knows',
    load: async (setting) => (await import('./outpost-oom-killed.ts')).outpostOomKilled(setting),
  },
  {
    name: 'outpost-limit-below-shm',
    symptom: 'nobody has noticed anything yet, after yesterday’s quick fix',
    load: async (setting) => (await import('./outpost-limit-below-shm.ts')).outpostLimitBelowShm(setting),
  },
  {
    name: 'outpost-selector-flipped',
    symptom: 'every protected site asks for a password; all pods are running',
    load: async (setting) => (await import('./outpost-selector-flipped.ts')).outpostSelectorFlipped(setting),
  },
  {
    name: 'outpost-down',
    symptom: 'every protected site asks for a password since the upgrade',
    load: async (setting) => (await import('./outpost-down.ts')).outpostDown(setting),
  },
  {
    name: 'outpost-sessions-not-shared',
    symptom: 'logging in works for some and ends in 400 for others, at random',
    load: async (setting) => (await import('./outpost-sessions-not-shared.ts')).outpostSessionsNotShared(setting),
  },
  {
    name: 'outpost-filesystem-fallback',
    symptom: 'nobody has noticed anything yet, since the outpost was edited',
    load: async (setting) => (await import('./outpost-filesystem-fallback.ts')).outpostFilesystemFallback(setting),
  },
  {
    name: 'outpost-public-filling',
    symptom: 'nobody has noticed anything yet; two public pages are quite popular',
    load: async (setting) => (await import('./outpost-public-filling.ts')).outpostPublicFilling(setting),
  },
  {
    name: 'outpost-unknown-host',
    symptom: 'one site answers 400 to everybody, all others work',
    load: async (setting) => (await import('./outpost-unknown-host.ts')).outpostUnknownHost(setting),
  },
  {
    name: 'server-unready',
    symptom: 'whoever has to log in gets 503; those who are in stay in',
    load: async (setting) => (await import('./server-unready.ts')).serverUnready(setting),
  },
  {
    name: 'pgbouncer-down',
    symptom: 'whoever has to log in gets 503, since a node was drained',
    load: async (setting) => (await import('./pgbouncer-down.ts')).pgbouncerDown(setting),
  },
  {
    name: 'database-connections',
    symptom: 'whoever has to log in gets 503, and other applications are slow too',
    load: async (setting) => (await import('./database-connections.ts')).databaseConnections(setting),
  },
  {
    name: 'migration-lock',
    symptom: 'whoever has to log in gets 503, since the upgrade',
    load: async (setting) => (await import('./migration-lock.ts')).migrationLock(setting),
  },
  {
    name: 'auth-proxy-down',
    symptom: 'every protected site answers 500',
    load: async (setting) => (await import('./auth-proxy-down.ts')).authProxyDown(setting),
  },
  {
    name: 'cloudflare-worker',
    symptom: 'from outside every site answers 500; from the office all is well',
    load: async (setting) => (await import('./cloudflare-worker.ts')).cloudflareWorker(setting),
  },
  {
    name: 'tunnel-down',
    symptom: 'from outside every site answers 530; from the office all is well',
    load: async (setting) => (await import('./tunnel-down.ts')).tunnelDown(setting),
  },
  {
    name: 'load-balancer-moved',
    symptom: 'from the office no site answers; from outside all is well',
    load: async (setting) => (await import('./load-balancer-moved.ts')).loadBalancerMoved(setting),
  },
  {
    name: 'traefik-out-of-reach',
    symptom: 'seen from at home, every site answers 500; from the office nobody has complained',
    load: async (setting) => (await import('./traefik-out-of-reach.ts')).traefikOutOfReach(setting),
  },
  {
    name: 'host-refused',
    symptom: 'one site answers 403',
    load: async (setting) => (await import('./host-refused.ts')).hostRefused(setting),
  },
  {
    name: 'visitor-banned',
    symptom: 'every site answers 403, to this machine only',
    load: async (setting) => (await import('./visitor-banned.ts')).visitorBanned(setting),
  },
  {
    name: 'host-not-gated',
    symptom: 'one site lets everybody in',
    load: async (setting) => (await import('./host-not-gated.ts')).hostNotGated(setting),
  },
  {
    name: 'user-without-group',
    symptom: 'one user, bob, can log in and may do nothing',
    load: async (setting) => (await import('./user-without-group.ts')).userWithoutGroup(setting),
  },
  {
    name: 'logs-forbidden',
    symptom: 'nothing is known to be wrong; whoever is on call may not read logs',
    load: async (setting) => (await import('./logs-forbidden.ts')).logsForbidden(setting),
  },
  {
    name: 'exec-forbidden',
    symptom: 'nothing is known to be wrong; whoever is on call may not run programs in pods',
    load: async (setting) => (await import('./exec-forbidden.ts')).execForbidden(setting),
  },
  {
    name: 'api-server-slow',
    symptom: 'kubectl hangs; the sites work',
    load: async (setting) => (await import('./api-server-slow.ts')).apiServerSlow(setting),
  },
  {
    name: 'unreachable',
    symptom: 'nothing answers from here',
    load: async (setting) => (await import('./unreachable.ts')).unreachable(setting),
  },
  {
    name: 'login-broken',
    symptom: 'nobody can log in, and neither can kubectl',
    load: async (setting) => (await import('./login-broken.ts')).loginBroken(setting),
  },
  {
    name: 'two-faults',
    symptom: '500 from outside on every site; two public pages fail in the office too',
    load: async (setting) => (await import('./two-faults.ts')).twoFaults(setting),
  },
  ...MAIL_WORLDS,
  ...MAIL_RECORD_WORLDS,
  ...MAIL_QUEUE_WORLDS,
  ...MAIL_BAN_WORLDS,
  ...MAIL_ROUND_WORLDS,
  ...MAIL_TRACE_WORLDS,
];

/** Loads a world by name. Errors: `sandbox.no-such-world` (64). */
export async function loadWorld(name: string, setting?: Setting): Promise<World> {
  const entry = WORLDS.find((each) => each.name === name);
  if (entry === undefined) {
    throw new InfraError('sandbox.no-such-world', 'usage', `There is no world "${name}".`, {
      hints: [`Worlds: ${WORLDS.map((each) => each.name).join(', ')}`, 'infra sandbox --list'],
    });
  }
  return entry.load(setting);
}
