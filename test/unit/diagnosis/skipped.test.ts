import { expect, test } from 'vitest';
import { statusOfDiagnosis } from '../../../src/lib/diagnosis/diagnosis.ts';
import type { Probe } from '../../../src/lib/diagnosis/probe.ts';
import { rolesOf } from '../../../src/lib/diagnosis/role.ts';
import { selectProbes, skippedProbes } from '../../../src/lib/diagnosis/select.ts';
import { fakeSite } from '../../fakes/site.ts';
import { diagnoseTiny, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

/** A runbook whose probes note that they were asked, and a way to run it as a command line would. */
function play(probes: readonly Probe[]) {
  const asked: string[] = [];
  const runbook = tinyRunbook(
    probes.map((probe) => ({
      ...probe,
      collect: async () => {
        asked.push(probe.id);
        return null;
      },
      needs: () => [{ verb: 'get', group: '', resource: probe.id }],
    })),
  );
  return {
    asked,
    run: async (choice: { readonly only?: readonly string[]; readonly skip?: readonly string[] }) => {
      const words = { only: [], skip: [], first: false, ...choice };
      const chosen = { selected: selectProbes(runbook, words), skipped: skippedProbes(runbook, words) };
      const kubernetes = { allowed: async () => true };
      const { diagnosis } = await diagnoseTiny(runbook, { ...chosen, client: async () => kubernetes as never });
      const resources = rolesOf(runbook, fakeSite(), chosen).flatMap(({ rules }) => rules.map((one) => one.resource));
      return { diagnosis, resources };
    },
  };
}

test('what is left out is not asked, though a selected probe would like to look at it', async () => {
  const { asked, run } = play([
    tinyProbe('t.edge.hosts'),
    tinyProbe('t.edge.public', { dependsOn: ['t.edge.hosts'] }),
    tinyProbe('t.server.ready', { considers: ['t.edge.public'] }),
  ]);
  const { diagnosis, resources } = await run({ skip: ['*edge*'] });
  expect(asked).toEqual(['t.server.ready']);
  expect(resources).toEqual(['t.server.ready']);
  expect(diagnosis.findings.map(({ verdict }) => verdict)).toEqual(['SKIP', 'SKIP', 'PASS']);
  expect(statusOfDiagnosis(diagnosis)).toBe('ok');
});

test('what stands on it is skipped, says because of what, and brings nothing else in', async () => {
  const { asked, run } = play([
    tinyProbe('t.a.pods'),
    tinyProbe('t.a.nodes'),
    tinyProbe('t.b.logs', { dependsOn: ['t.a.pods'] }),
    tinyProbe('t.c.lines', { dependsOn: ['t.a.nodes', 't.b.logs'] }),
    tinyProbe('t.d.fine'),
  ]);
  const { diagnosis } = await run({ only: ['b', 'c', 'd'], skip: ['t.a.pods'] });
  expect(asked).toEqual(['t.d.fine']);
  for (const id of ['t.b.logs', 't.c.lines']) {
    expect(diagnosis.findings.find((one) => one.id === id)).toMatchObject({
      ...{ verdict: 'SKIP', reason: 'not-selected', blockedBy: 't.a.pods' },
      detail: 'not asked: it needs a pods, which is left out',
    });
  }
});

test('what is merely not selected is asked where somebody needs it, and its rights are in the role', async () => {
  const { asked, run } = play([
    tinyProbe('t.a.pods'),
    tinyProbe('t.a.config'),
    tinyProbe('t.b.logs', { dependsOn: ['t.a.pods'], considers: ['t.a.config'] }),
  ]);
  const { resources } = await run({ only: ['b'] });
  expect(asked.sort()).toEqual(['t.a.config', 't.a.pods', 't.b.logs']);
  expect(resources.sort()).toEqual(['t.a.config', 't.a.pods', 't.b.logs']);
});

test('the role of a run without exec has no right to exec', () => {
  const needs = (verb: string) => () => [{ verb, group: '', resource: 'pods' }];
  const runbook = tinyRunbook([
    tinyProbe('t.a.list', { needs: needs('list') }),
    tinyProbe('t.a.df', { kind: 'exec', needs: needs('create') }),
  ]);
  const selected = runbook.probes.map(({ id }) => id);
  const verbs = (noExec: boolean) => rolesOf(runbook, fakeSite(), { selected, noExec })[0]?.rules[0]?.verbs;
  expect(verbs(true)).toEqual(['list']);
  expect(verbs(false)).toEqual(['create', 'list']);
});
