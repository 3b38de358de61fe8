import { randomBytes } from 'node:crypto';
import { makeContext } from '../../src/lib/cli/context.ts';
import { diagnosisClients } from '../../src/lib/cli/diagnose-live.ts';
import type { Clock } from '../../src/lib/clients/clock/client.ts';
import { makeClock } from '../../src/lib/clients/clock/live.ts';
import { conclude } from '../../src/lib/diagnosis/conclude.ts';
import { type Diagnosis, statusOfDiagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import { runProbes } from '../../src/lib/diagnosis/engine.ts';
import type { Ask, DiagnosisClients, SubjectOptions } from '../../src/lib/diagnosis/probe.ts';
import { makeSeal } from '../../src/lib/diagnosis/redaction.ts';
import { loadRunbook } from '../../src/lib/runbooks/catalogue.ts';
import type { World } from '../../src/sandbox/world.ts';
import { fakeHost } from '../fakes/host.ts';
import type { Stage } from './stage.ts';

/** A clock on which pauses take a twentieth: hundreds of worlds wait for nobody. Its limits stay what they are. */
function briskClock(): Clock {
  const clock = makeClock();
  return { ...clock, sleep: (ms, signal) => clock.sleep(ms / 20, signal) };
}

/** Stateless but for the authorities, which take longer to parse than a request takes; they are the same in every world. */
const WEB = new Map<string, Promise<DiagnosisClients['web']>>();

function sharedWeb(make: Ask['client']): Promise<DiagnosisClients['web']> {
  const web = WEB.get('web') ?? make('web');
  WEB.set('web', web);
  return web;
}

type Said = { readonly diagnosis: Diagnosis; readonly status: string; readonly defects: readonly unknown[] };

/** What `infra diagnose authentik` says of a world: everything but the process and its looks is the real thing. */
export async function diagnoseWorld(
  stage: Stage,
  world: World,
  options: SubjectOptions = {},
  timeoutMs = 100_000,
): Promise<Said> {
  return await stage.play(world, async ({ repo, env }) => {
    const defects: unknown[] = [];
    const { host } = fakeHost();
    const context = makeContext(
      { ...host, env, cwd: repo, home: env.HOME ?? '' },
      { repo: undefined, warn: () => {}, debug: () => {} },
    );
    const runbook = await loadRunbook('authentik');
    if (runbook === undefined) throw new Error('there is no runbook authentik');
    const client = diagnosisClients(context);
    const onDefect = (error: unknown): void => {
      defects.push(error);
    };
    const recorded = await runProbes(runbook, {
      client: async (name) => {
        if (name === 'clock') return briskClock() as never;
        return (await (name === 'web' ? sharedWeb(client) : client(name))) as never;
      },
      // A busy machine decides no verdict: only worlds that are about time are cut short.
      timeoutMs,
      clock: makeClock(),
      site: await context.site('read'),
      options,
      ignore: [],
      selected: runbook.probes.map(({ id }) => id),
      noExec: false,
      isKept: false,
      signal: new AbortController().signal,
      seal: makeSeal(randomBytes(32), host.redactor),
      onDefect,
    });
    const diagnosis = conclude(runbook, recorded, onDefect);
    return { diagnosis, status: statusOfDiagnosis(diagnosis), defects };
  });
}
