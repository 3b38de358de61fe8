import { randomBytes } from 'node:crypto';
import { makeContext } from '../../src/lib/cli/context.ts';
import { diagnosisClients } from '../../src/lib/cli/diagnose-live.ts';
import { makeClock } from '../../src/lib/clients/clock/live.ts';
import type { Sockets } from '../../src/lib/clients/sockets/client.ts';
import type { Recorded } from '../../src/lib/diagnosis/collected.ts';
import { runProbes } from '../../src/lib/diagnosis/engine.ts';
import { makeSeal } from '../../src/lib/diagnosis/redaction.ts';
import { mail } from '../../src/lib/runbooks/mail/runbook.ts';
import type { Site } from '../../src/lib/site/site.ts';
import type { World } from '../../src/sandbox/world.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { fakeHost } from '../fakes/host.ts';
import { startMailPlatform } from './mail-platform.ts';
import { type Memory, rememberedSockets } from './remembered-sockets.ts';

/** These read the authorities of this machine when they are made, which takes longer than a world; they are the same in all. */
const SHARED = new Map<string, Promise<unknown>>();
/** What listeners said, by world and place. */
const HEARD: Memory = new Map();

/** What a world answers to every question of the runbook mail, live clients and all; `defects` are thrown by probes. */
export async function askMailWorld(
  name: string,
  seed = 0,
): Promise<{ readonly recorded: Recorded; readonly defects: readonly unknown[] }> {
  const world = await loadWorld(name, { seed });
  const platform = await startMailPlatform(world);
  const defects: unknown[] = [];
  try {
    const { host } = fakeHost();
    const context = makeContext(
      { ...host, env: platform.env, cwd: platform.repo, home: platform.env.HOME ?? '' },
      { repo: undefined, warn: () => {}, debug: () => {} },
    );
    const client = diagnosisClients(context);
    const site = await context.site('read');
    const recorded = await runProbes(mail, {
      client: async (name) => {
        if (name === 'ssh') return platform.ssh as never;
        if (name !== 'sockets' && name !== 'web') return await client(name);
        const shared = SHARED.get(name) ?? client(name);
        SHARED.set(name, shared);
        if (name === 'web') return (await shared) as never;
        return rememberedSockets((await shared) as Sockets, HEARD, placesOf(site, world)) as never;
      },
      clock: makeClock(),
      site,
      options: {},
      ignore: [],
      selected: mail.probes.map(({ id }) => id),
      noExec: false,
      // A busy machine decides no verdict.
      timeoutMs: 100_000,
      isKept: false,
      signal: new AbortController().signal,
      seal: makeSeal(randomBytes(32), host.redactor),
      onDefect: (_, thrown) => {
        defects.push(thrown);
      },
    });
    return { recorded, defects };
  } finally {
    await platform.stop();
  }
}

/** Names a listener by what it is: its port is another one in every run. */
function placesOf(
  { mail: { ports } }: Site,
  { mail: wire = {} }: World,
): (to: { host: string; port: number }) => string {
  const { missing, deaf, dying, headerless, strict, closed, unready, busy, authBeforeTls, certificate, maintenance } =
    wire;
  const state = JSON.stringify({
    missing,
    deaf,
    dying,
    headerless,
    strict,
    closed,
    unready,
    busy,
    authBeforeTls,
    certificate,
    maintenance,
  });
  const names = new Map(
    Object.entries(ports.value ?? {}).flatMap(([protocol, { port, nodePort, healthPort }]) => [
      [port, protocol] as const,
      [nodePort ?? 0, `${protocol} node`] as const,
      [healthPort ?? 0, `${protocol} health`] as const,
    ]),
  );
  return ({ host, port }) => `${state} ${host} ${names.get(port) ?? port}`;
}
