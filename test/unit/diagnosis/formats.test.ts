import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Clients } from '../../../src/lib/clients/clients.ts';
import { conclude } from '../../../src/lib/diagnosis/conclude.ts';
import type { Diagnosis } from '../../../src/lib/diagnosis/diagnosis.ts';
import { firstOfDiagnosis } from '../../../src/lib/diagnosis/first.ts';
import { rolesOf } from '../../../src/lib/diagnosis/role.ts';
import { unaskedRun } from '../../../src/lib/diagnosis/unasked.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { alertRulesYaml } from '../../../src/lib/render/alert-rules.ts';
import { diagnosisText } from '../../../src/lib/render/diagnosis.ts';
import { diagnosisReport } from '../../../src/lib/render/diagnosis-report.ts';
import { shortText } from '../../../src/lib/render/diagnosis-short.ts';
import { junitXml } from '../../../src/lib/render/junit.ts';
import { roleYaml } from '../../../src/lib/render/role.ts';
import { makeStyle, PLAIN } from '../../../src/lib/render/style.ts';
import { fakeSite } from '../../fakes/site.ts';
import { door } from '../../fixtures/diagnose-cli/door.ts';
import { junitFaults, parseXml } from './junit-rules.ts';
import { clientsOf, diagnoseTiny, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

/** The door, with what its parts say. */
async function doorOf(parts: Readonly<Record<string, string>>): Promise<Diagnosis> {
  const read = async (path: string): Promise<string | undefined> => parts[path.split('/').at(-1) ?? ''];
  const files = { read } as unknown as Clients['files'];
  const { diagnosis } = await diagnoseTiny(door, { client: clientsOf({ files }), options: { house: 'house' } });
  return diagnosis;
}
const broken = () => doorOf({ lock: 'jammed <&> \u001b[31m"x" | y', outside: 'stuck', inside: 'forbidden' });
const view = { verbose: false, isStreamed: false };
const text = (diagnosis: Diagnosis, width: number, verbose = false): string =>
  diagnosisText(makeStyle({ colorLevel: 0, unicode: true, width }), diagnosis, {
    ...view,
    verbose,
    first: firstOfDiagnosis(door, diagnosis),
  });

test('an incident reads as one', async () => {
  expect(text(await doorOf({ lock: 'jammed', outside: 'stuck', inside: 'stuck' }), 80)).toMatchInlineSnapshot(`
    "FAIL  the key is stuck in the lock                                         0.0 s
          the lock says: jammed

    door, 1 door                                         4 probes, 0 requests, 0.0 s
      FAIL  key in the lock  the lock says: jammed
      FAIL  from outside     it does not open: stuck; caused by key in the lock
      FAIL  from inside      it does not open: stuck; caused by key in the lock
      … 1 more PASS (-v)

    Root cause    door.lock.jammed, confirmed, shared by every host
    Cleared       the street: it is the same from inside
    Since         18 Apr 12:39 UTC or before (start of the watch)
    Timeline      18 Apr 12:39 UTC  the key was stuck
    No alert from DoorJammed: nobody measures keys

    Next
      keep      infra diagnose door --record DIR
                what is done next may erase evidence
      now       oil house/lock
                oil the key (changes something)
      now       axe jammed
                break it open (destroys the door; signs out nobody)
      verify    infra diagnose door --only outside --wait 2m
                walk through
      for good  buy another lock (changes something)"
  `);
});

test('on sixty columns nothing is wider but commands', async () => {
  const lines = text(await broken(), 60).split('\n');
  const wide = lines.filter((line) => [...line].length > 60);
  expect(wide.filter((line) => !line.includes('infra ') && !line.includes('axe '))).toEqual([]);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "FAIL  the key is stuck in the lock                     0.0 s
          the lock says: jammed <&> \\u{1b}[31m"x" | y

    door, 1 door       3 of 4 probes answered, 0 requests, 0.0 s
      FAIL     key in the lock  the lock says: jammed <&>
                                \\u{1b}[31m"x" | y
      FAIL     from outside     it does not open: stuck; caused
                                by key in the lock
      UNKNOWN  from inside      Looking at the door was
                                forbidden.
      … 1 more PASS (-v)

    Root cause    door.lock.jammed, confirmed
    Since         18 Apr 12:39 UTC or before (start of the
                  watch)
    Timeline      18 Apr 12:39 UTC  the key was stuck
    No alert from DoorJammed: nobody measures keys

    Next
      keep      infra diagnose door --record DIR
                what is done next may erase evidence
      now       oil house/lock
                oil the key (changes something)
      now       axe jammed <&> \\u{1b}[31m"x" | y
                break it open (destroys the door; signs out
                nobody)
      verify    infra diagnose door --only outside --wait 2m
                walk through
      for good  buy another lock (changes something)"
  `);
});

test('a healthy door takes few lines, and all of them with -v', async () => {
  const diagnosis = await doorOf({});
  expect(text(diagnosis, 80)).toMatchInlineSnapshot(`
    "PASS  key in the lock                                                      0.0 s
          the lock says: fine

    door, 1 door                                         4 probes, 0 requests, 0.0 s
      … 4 PASS (-v)

    Verdict       PASS: nothing is wrong with what was asked"
  `);
  expect(text(diagnosis, 80, true).match(/PASS/g)).toHaveLength(6);
});

test('what could not be told is said to be unknown', async () => {
  const shown = text(await doorOf({ inside: 'forbidden' }), 80);
  expect(shown).toContain('Verdict       UNKNOWN: 1 question had no answer, so this is not health');
});

test('of many silences for one reason the first few are told', async () => {
  const collect = () => Promise.reject(new InfraError('kubernetes.unreachable', 'unavailable', 'Nobody answered.'));
  const runbook = tinyRunbook([1, 2, 3, 4, 5, 6].map((index) => tinyProbe(`t.a.x${index}`, { collect })));
  const { diagnosis } = await diagnoseTiny(runbook);
  const shown = diagnosisText(PLAIN, diagnosis, { ...view, first: undefined });
  expect(shown.match(/Nobody answered/g)).toHaveLength(5);
  expect(shown).toContain('… 2 more UNKNOWN (-v)');
});

test('-v shows the lines that were seen and the command by hand', async () => {
  const shown = text(await broken(), 80, true);
  expect(shown).toContain('door.lock.key\n  by hand  cat house/lock\n  | jammed');
});

test('what was streamed and what follows make the same text', async () => {
  const diagnosis = await broken();
  const first = firstOfDiagnosis(door, diagnosis);
  const whole = diagnosisText(PLAIN, diagnosis, { ...view, first });
  const rest = diagnosisText(PLAIN, diagnosis, { verbose: false, isStreamed: true, first });
  expect(whole.endsWith(`\n${rest}`)).toBe(true);
});

test('no byte of the platform moves the cursor', async () => {
  const diagnosis = await broken();
  for (const shown of [text(diagnosis, 80, true), shortText(diagnosis), diagnosisReport(diagnosis)])
    expect(shown).not.toContain('\u001b');
});

test('ten lines for a chat', async () => {
  const lines = shortText(await broken()).split('\n');
  expect(lines.length).toBeLessThanOrEqual(10);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "FAIL The door (infra diagnose door, 18 Apr 12:39 UTC)
    Cause: door.lock.jammed, confirmed
    the key is stuck in the lock
    Since: 18 Apr 12:39 UTC or before (start of the watch)
    Seen: the lock says: jammed <&> \\u{1b}[31m"x" | y
    No answer: from inside (forbidden)
    Next: oil house/lock
    2 FAIL, 0 WARN, 1 UNKNOWN, 1 PASS; 3 of 4 probes answered, 0 requests, 0.0 s"
  `);
});

test('JUnit keeps to the schema and has a result for every probe', async () => {
  for (const failOn of ['warn', 'fail'] as const) {
    const xml = junitXml(await broken(), failOn);
    expect(junitFaults(xml)).toEqual([]);
    const cases = parseXml(xml).children[0]?.children.filter(({ name }) => name === 'testcase') ?? [];
    expect(cases.map(({ attributes }) => attributes.name)).toEqual(door.probes.map(({ id }) => id));
    expect(cases.map(({ children }) => children[0]?.name)).toEqual(['failure', 'failure', 'error', undefined]);
  }
});

test('JUnit has a result for every probe even when nothing could be asked', () => {
  const dead = new InfraError('config.invalid', 'config', 'infra.yaml is wrong.');
  const ids = door.probes.map(({ id }) => id);
  const diagnosis = conclude(door, unaskedRun(door, ids, {}, new Date('2026-04-18T12:00:00Z'), dead));
  const xml = junitXml(diagnosis, 'fail');
  expect(junitFaults(xml)).toEqual([]);
  expect(xml.match(/<error message="not asked: infra.yaml is wrong."/g)).toHaveLength(ids.length);
});

test('in JUnit a warning passes unless warnings count, and a skipped or accepted finding is skipped', async () => {
  const runbook = tinyRunbook([
    tinyProbe('t.a.slow', { says: { verdict: 'WARN', detail: 'slow' } }),
    tinyProbe('t.b.none', { says: { verdict: 'SKIP', reason: 'not-applicable', detail: 'there is none' } }),
    tinyProbe('t.c.known', { says: { verdict: 'FAIL', detail: 'broken' } }),
  ]);
  const ignore = [{ finding: 't.c.known', reason: 'known', expires: '2099-01-01' }];
  const { diagnosis } = await diagnoseTiny(runbook, { ignore });
  const results = (failOn: 'warn' | 'fail') =>
    parseXml(junitXml(diagnosis, failOn)).children[0]?.children.flatMap(({ name, children }) =>
      name === 'testcase' ? [children[0]?.name] : [],
    );
  expect(results('fail')).toEqual([undefined, 'skipped', 'skipped']);
  expect(results('warn')).toEqual(['failure', 'skipped', 'skipped']);
  expect(junitXml(diagnosis, 'fail')).toContain('WARN t.a.slow: slow');
});

test('the report has the headings of a post-mortem, and leaves blank what only people know', async () => {
  const report = diagnosisReport(await broken());
  expect(report.match(/^#+ .*/gm)).toEqual([
    '# Post-Mortem: the key is stuck in the lock',
    '## Summary',
    '## Impact',
    '## Timeline (UTC)',
    '## Root Cause Chain',
    '## Why Diagnosis Took So Long',
    '## Contributing Factors',
    '## Detection Gaps',
    '## Prevention Plan',
    '## Lessons Learned',
    '## Findings',
  ]);
  expect(report).toContain('## Lessons Learned\n\n_To be written by those who were there._');
  expect(report).toContain('No answer from from inside (forbidden)');
  for (const line of report.split('\n').filter((one) => one.startsWith('|')))
    expect(line.replaceAll('\\|', '').match(/\|/g)?.length).toBeGreaterThan(2);
});

test('alert rules are a file that Prometheus reads', async () => {
  const yaml = parse(alertRulesYaml('door', (await broken()).alertRules));
  expect(yaml.groups[0]).toMatchObject({
    name: 'infra-door',
    rules: [{ alert: 'DoorJammed', for: '5m', labels: { severity: 'critical' } }],
  });
  expect(yaml.groups[0].rules[0].expr).toBe('increase(door_tries_total{result="stuck"}[5m]) > 3');
});

test('the role holds each verb once, by namespace', () => {
  const needs = () => [
    { verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace: 'authentik' },
    { verb: 'list', group: '', resource: 'pods', namespace: 'authentik' },
    { verb: 'get', group: '', resource: 'pods', namespace: 'authentik' },
    { verb: 'list', group: '', resource: 'nodes' },
  ];
  const runbook = tinyRunbook([tinyProbe('t.a.x', { needs }), tinyProbe('t.b.y', { needs })]);
  const yaml = roleYaml('tiny', rolesOf(runbook, fakeSite(), { selected: ['t.a.x', 't.b.y'] }));
  const documents = yaml.split('\n---\n').map((one) => parse(one));
  expect(documents).toMatchObject([
    { kind: 'ClusterRole', rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }] },
    {
      kind: 'Role',
      metadata: { name: 'infra-diagnose-tiny', namespace: 'authentik' },
      rules: [
        { resources: ['pods'], verbs: ['get', 'list'] },
        { resources: ['pods/log'], verbs: ['get'] },
      ],
    },
  ]);
});
