import { describe, expect, test } from 'vitest';
import type { DiagnosisFinding } from '../../../../src/lib/diagnosis/diagnosis.ts';
import { lookAt } from '../../../../src/lib/runbooks/triage/look-at.ts';
import { triageOf } from '../../../../src/lib/runbooks/triage/runbook.ts';
import { tinyRunbook } from '../../diagnosis/run-tiny.ts';
import { tinyProbe } from '../../diagnosis/tiny-runbook.ts';

const finding = (id: string, more: Partial<DiagnosisFinding> = {}): DiagnosisFinding => ({
  ...{ id, title: id, verdict: 'PASS', detail: `${id} is fine`, layer: 'x', kind: 'passive', durationMs: 1 },
  ...{ observations: [], causes: [] },
  ...more,
});

const territories = [
  { subject: 'authentik', namespaces: ['authentik', 'traefik'] },
  { subject: 'mail', namespaces: ['mailserver'] },
];
const healthy = [
  'cluster.api.answers',
  'cluster.nodes.ready',
  'cluster.pods.running',
  'cluster.alerts.firing',
  'authentik.outpost.logs',
  'mail.pod.listeners',
];

/** Where triage points when these findings are not healthy. */
const target = (...bad: readonly DiagnosisFinding[]) =>
  lookAt({ findings: healthy.map((id) => bad.find((one) => one.id === id) ?? finding(id)) }, territories);

describe('where to look first', () => {
  test('nowhere, when nothing was found', () => {
    expect(target()).toBeUndefined();
    expect(target(finding('authentik.outpost.logs', { verdict: 'UNKNOWN', reason: 'forbidden' }))).toBeUndefined();
  });

  const subject = finding('authentik.outpost.logs', { verdict: 'FAIL', detail: 'no space left on device' });
  const node = finding('cluster.nodes.ready', {
    ...{ verdict: 'FAIL', detail: 'n2 not ready', observations: [{ code: 'cluster.node-not-ready', subject: 'n2' }] },
  });
  const pods = finding('cluster.pods.running', {
    ...{ verdict: 'WARN', detail: '1 of 9 do not run', command: 'kubectl get pods -A' },
    data: { bad: [{ namespace: 'mailserver', name: 'mail-0', why: 'CrashLoopBackOff', since: '' }] },
  });
  const cases: readonly [string, readonly DiagnosisFinding[], object | undefined][] = [
    [
      'the cluster, before all else, when it does not answer',
      [subject, finding('cluster.api.answers', { verdict: 'UNKNOWN' })],
      { command: 'infra doctor' },
    ],
    [
      'a subject whose own first question failed, before a node',
      [node, subject],
      { subject: 'authentik', command: 'infra diagnose authentik' },
    ],
    [
      'a node that is gone, before what only warns',
      [node, { ...subject, verdict: 'WARN' }],
      { command: 'kubectl describe node n2' },
    ],
    ['a subject that warns, before pods elsewhere', [pods, { ...subject, verdict: 'WARN' }], { subject: 'authentik' }],
    ['the subject in whose namespace pods do not run', [pods], { subject: 'mail', command: 'infra diagnose mail' }],
    [
      'the pods themselves, where no subject lives',
      [{ ...pods, data: { bad: [{ namespace: 'blog' }] } }],
      { command: 'kubectl get pods -A' },
    ],
    ['not at what the site accepts', [{ ...subject, ignored: { reason: 'known', expires: '2027-01-01' } }], undefined],
  ];
  test.each(cases)('%s', (_, bad, expected) => {
    if (expected === undefined) expect(target(...bad)).toBeUndefined();
    else expect(target(...bad)).toMatchObject(expected);
  });
});

describe('what triage asks', () => {
  test('the first question of every subject and what it stands on, never what is not passive', () => {
    const one = tinyRunbook([
      tinyProbe('a.logs.first', { dependsOn: ['a.pods.list'], considers: ['a.shm.df'] }),
      tinyProbe('a.pods.list'),
      tinyProbe('a.shm.df', { kind: 'exec' }),
      tinyProbe('a.other.thing'),
    ]);
    const two = tinyRunbook([tinyProbe('b.edge.get', { kind: 'request' })]);
    const { runbook, selected } = triageOf([one, two]);
    const own = (id: string): boolean => !id.startsWith('cluster.');
    expect(selected.filter(own)).toEqual(['a.logs.first']);
    expect(runbook.probes.map(({ id }) => id).filter(own)).toEqual(['a.logs.first', 'a.pods.list']);
    expect(runbook.probes.every(({ kind, timeoutMs = 0 }) => kind === 'passive' && timeoutMs < 3000)).toBe(true);
  });
});
