import { describe, expect, test } from 'vitest';
import type { LogRequest } from '../../../../src/lib/clients/kubernetes/client.ts';
import { readOwnRunbooks } from '../../../../src/lib/runbooks/own/read.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { clientsOf, diagnoseTiny } from '../../diagnosis/run-tiny.ts';

/** A runbook with one probe that asks pods. */
const asking = (ask: string, fails: string): string => `subject: weather
title: Weather station
introduction: Measures the weather and shows it.
layers: [{id: app, title: application}]
probes:
  - id: weather.app.pods
    title: pods
    layer: app
    question: Is it quiet?
    why: Everything else stands on it.
    healthy: Nothing is said.
    byHand: kubectl -n weather get pods
    ${ask}
    judge:
      - when: ${fails}
        verdict: FAIL
        detail: a sensor is lost
        observation: weather.sensor
      - verdict: PASS
        detail: "{{ evidence.asked }} of {{ evidence.of }} are quiet"
`;

/** Diagnoses where there are so many pods of two containers, of which the one of this number has lost its sensor. */
async function weather(text: string, pods: number, lost = -1) {
  const files = {
    info: async () => ({ kind: 'file' as const, size: 1, mode: 0o644, modifiedMs: 0 }),
    list: async () => [],
    read: async () => text,
  };
  const found = await readOwnRunbooks(files, fakeSite('/r', { runbooks: ['w.yaml'] }), []);
  const runbook = found.runbooks[0]?.runbook ?? expect.fail(found.violations.map(({ message }) => message).join());
  const asked: string[] = [];
  const said = (pod: string): string => (pod === `w-${lost}` ? 'sensor lost' : 'fine');
  const kubernetes = {
    allowed: async () => true,
    list: async () =>
      Array.from({ length: pods }, (_, at) => ({
        metadata: { name: `w-${at}` },
        spec: { containers: [{ name: 'app' }, { name: 'proxy' }] },
      })),
    async *logs({ pod, container }: LogRequest) {
      asked.push(`${pod}/${container}`);
      yield said(pod);
    },
    async exec(_: string, pod: string, container: string) {
      asked.push(`${pod}/${container}`);
      return { exitCode: 0, stdout: said(pod), stderr: '' };
    },
  };
  const { diagnosis } = await diagnoseTiny(runbook, { client: clientsOf({ kubernetes } as never) });
  return { finding: diagnosis.findings[0], asked };
}

describe.each([
  [
    'log',
    'log: {namespace: weather, selector: app=w, container: app, patterns: {lost: sensor lost}}',
    'evidence.matches.lost.count > 0',
  ],
  [
    'exec',
    'exec: {namespace: weather, selector: app=w, container: app, command: [cat, /status]}',
    'evidence.runs.exists(r, r.stdout.contains("lost"))',
  ],
])('%s', (_, ask, fails) => {
  const runbook = asking(ask, `'${fails}'`);

  test('is healthy when all containers were asked', async () => {
    const { finding, asked } = await weather(runbook, 10);
    expect(finding).toMatchObject({
      verdict: 'PASS',
      detail: '10 of 10 are quiet',
      coverage: { measured: 10, of: 10, unit: 'containers' },
    });
    expect(asked).toHaveLength(10);
  });

  test('does not call containers healthy that were not asked', async () => {
    const { finding, asked } = await weather(runbook, 12, 11);
    expect(finding).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'partial',
      detail: '10 of 12 are quiet; only 10 of 12 containers measured',
    });
    expect(asked).toHaveLength(10);
  });

  test('stands by what it found, however many were asked', async () => {
    expect((await weather(runbook, 12, 3)).finding).toMatchObject({
      verdict: 'FAIL',
      detail: 'a sensor is lost',
      coverage: { measured: 10, of: 12, unit: 'containers' },
    });
  });

  test('counts containers, not pods', async () => {
    const { finding } = await weather(runbook.replace('container: app, ', ''), 6);
    expect(finding).toMatchObject({ verdict: 'UNKNOWN', coverage: { measured: 10, of: 12 } });
  });
});
