import { expect, test } from 'vitest';
import { compileSignatures } from '../../../src/lib/diagnosis/logs/compile.ts';
import { mergeEvidence } from '../../../src/lib/diagnosis/logs/evidence.ts';
import { judgeLogs } from '../../../src/lib/diagnosis/logs/judge.ts';
import { scanLogs } from '../../../src/lib/diagnosis/logs/scan.ts';
import type { World } from '../../../src/sandbox/world.ts';
import { WORLDS } from '../../../src/sandbox/worlds/catalogue.ts';

const SIGNATURES = compileSignatures();

/** What the logs of a world are evidence of, by the scanner that a diagnosis reads them with. */
const EVIDENCE: Readonly<Record<string, readonly string[]>> = {
  'outpost-shm-full': ['authentik.session-store-full'],
  'outpost-shm-full-text': ['authentik.session-store-full'],
  'outpost-shm-full-rust': ['authentik.session-store-full'],
  'outpost-shm-full-previous': ['authentik.session-store-full'],
  'outpost-shm-full-kept': ['authentik.session-store-full'],
  'outpost-sessions-not-shared': ['authentik.session-mismatch'],
  'outpost-unknown-host': ['authentik.outpost-no-app'],
  'server-unready': ['authentik.core-unreachable'],
  'login-broken': ['authentik.core-unreachable'],
  'pgbouncer-down': ['authentik.database-unreachable'],
  'database-connections': ['postgres.connections-exhausted'],
  'migration-lock': ['authentik.migration-lock-wait'],
  'two-faults': ['authentik.session-store-full'],
};

/** Error-like lines that no signature knows. */
const UNKNOWN: Readonly<Record<string, readonly unknown[]>> = {
  'auth-proxy-down': [expect.stringContaining('host not found in upstream')],
};

/** A name that stands for one container's log, the previous one with it. */
async function evidenceOf(world: World) {
  const logs = world.kubernetes.logs.flatMap(({ pod, lines, previous = [] }) => {
    if (typeof lines === 'function' || typeof previous === 'function') throw new Error('these worlds hold lines');
    return [{ source: pod, lines: [...previous, ...lines].map(({ at = '', text }) => `${at} ${text}`) }];
  });
  const parts = logs.map(({ source, lines }) => scanLogs(lines, { signatures: SIGNATURES, source, nowMs: Date.now() }));
  return mergeEvidence(await Promise.all(parts));
}

test.each(WORLDS.map(({ name }) => name))(
  'the log lines of %s prove what is wrong there and nothing else',
  async (name) => {
    const world = WORLDS.find((each) => each.name === name);
    for (const seed of [0, 1, 2, 3, 4]) {
      const evidence = await evidenceOf(await (world ?? fail()).load({ seed }));
      const { findings } = judgeLogs(evidence);
      // One lost websocket is what every rollout of the server makes; a stream of them would be a cause.
      const ordinary = 'authentik.outpost-websocket-lost';
      const causes = findings
        .filter(({ code, hit, role }) => role === 'cause' && (code !== ordinary || hit.count > 1))
        .map(({ code }) => code);
      expect({ seed, causes: [...new Set(causes)] }).toEqual({ seed, causes: EVIDENCE[name] ?? [] });
      expect(evidence.unknown.shapes.map(({ shape }) => shape)).toEqual(UNKNOWN[name] ?? []);
      expect(JSON.stringify(evidence)).not.toMatch(/canary-/);
    }
  },
);

function fail(): never {
  throw new Error('no such world');
}
