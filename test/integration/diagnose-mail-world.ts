import { randomBytes } from 'node:crypto';
import { makeContext } from '../../src/lib/cli/context.ts';
import { diagnosisClients } from '../../src/lib/cli/diagnose-live.ts';
import { makeClock } from '../../src/lib/clients/clock/live.ts';
import type { Recorded } from '../../src/lib/diagnosis/collected.ts';
import { runProbes } from '../../src/lib/diagnosis/engine.ts';
import { makeSeal } from '../../src/lib/diagnosis/redaction.ts';
import { mail } from '../../src/lib/runbooks/mail/runbook.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { fakeHost } from '../fakes/host.ts';
import { startMailPlatform } from './mail-platform.ts';

/** These read the authorities of this machine when they are made, which takes longer than a world; they are the same in all. */
const SHARED = new Map<string, Promise<unknown>>();

/** What a world answers to every question of the runbook mail, live clients and all; `defects` are thrown by probes. */
export async function askMailWorld(
  name: string,
  seed = 0,
): Promise<{ readonly recorded: Recorded; readonly defects: readonly unknown[] }> {
  const platform = await startMailPlatform(await loadWorld(name, { seed }));
  const defects: unknown[] = [];
  try {
    const { host } = fakeHost();
    const context = makeContext(
      { ...host, env: platform.env, cwd: platform.repo, home: platform.env.HOME ?? '' },
      { repo: undefined, warn: () => {}, debug: () => {} },
    );
    const client = diagnosisClients(context);
    const recorded = await runProbes(mail, {
      client: async (name) => {
        if (name === 'ssh') return platform.ssh as never;
        if (name !== 'sockets' && name !== 'web') return await client(name);
        const shared = SHARED.get(name) ?? client(name);
        SHARED.set(name, shared);
        return (await shared) as never;
      },
      clock: makeClock(),
      site: await context.site('read'),
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
