import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Listener } from '../src/sandbox/http/listen.ts';
import { startSandbox } from '../src/sandbox/start.ts';
import { CANARIES } from '../src/sandbox/worlds/canaries.ts';
import { interleaved, timeRun } from './measure.ts';
import { type Row, ratioRow } from './row.ts';
import type { Program } from './start-up.ts';

/** What a request to a cluster elsewhere takes; a sandbox alone would answer at once. */
const LATENCY_MS = 30;

/**
 * What `infra diagnose authentik` asks of the cluster, Prometheus and Authentik, against the same requests one after
 * another, each answered after 30 ms: until the last of those questions was answered. Without programs in containers, and
 * without requests to protected hosts, which keep half a second between them out of manners; start-up is left out.
 */
export async function wholeDiagnosisRow(infra: Program, folder: string): Promise<Row> {
  const sandbox = await startSandbox({ world: 'outpost-shm-full', authentik: true });
  const { env, repo } = sandbox;
  const servers: readonly (readonly [Listener, string])[] = [
    [sandbox.kubernetes, CANARIES.kubernetesAdminToken],
    [sandbox.prometheus, ''],
    [sandbox.authentik, CANARIES.authentikToken],
  ];
  const file = join(folder, 'diagnosis.json');
  const argv = infra('diagnose', 'authentik', '--no-exec', '--json', '--output', file);
  const diagnose = async (): Promise<number> => {
    await timeRun({ argv, env, cwd: repo, statuses: [1, 2, 3] });
    const { findings } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly findings: readonly { readonly kind: string; readonly id: string; readonly durationMs: number }[];
    };
    const passive = findings.filter(({ id, kind }) => kind === 'passive' && !id.startsWith('authentik.edge.'));
    return Math.max(...passive.map(({ durationMs }) => durationMs));
  };
  try {
    for (const [server] of servers) server.inject({ path: '/*', delayMs: LATENCY_MS });
    const before = servers.map(([server]) => server.requests.length);
    await diagnose();
    const asked = servers.flatMap(([server, token], at) =>
      server.requests.slice(before[at]).map((request) => ({ ...request, token, url: server.url })),
    );
    const oneByOne = async (): Promise<number> => {
      const began = performance.now();
      for (const { method, path, token, url } of asked) {
        if (method !== 'GET') await sleep(LATENCY_MS);
        else await (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).text();
      }
      return performance.now() - began;
    };
    const { whole, each } = await interleaved(5, { whole: diagnose, each: oneByOne });
    return ratioRow(`diagnose authentik vs its ${asked.length} requests one by one`, whole, each, 0.35);
  } finally {
    await sandbox.stop();
  }
}
