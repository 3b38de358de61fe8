import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { readOwnRunbooks } from '../../../../src/lib/runbooks/own/read.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { WEATHER } from './weather.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'infra-own-runbooks-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'runbooks'));
});

/** Reads the runbooks of a repository with these files below runbooks/. */
async function read(files: Readonly<Record<string, string>>, entries: string[] = ['runbooks']) {
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'runbooks', name), text);
  return await readOwnRunbooks(makeFiles(), fakeSite(root, { runbooks: entries }), ['authentik']);
}

const messages = async (text: string) => (await read({ 'w.yaml': text })).violations.map(({ message }) => message);

test('a folder gives a runbook a file, with everything that the file says', async () => {
  const { runbooks, violations } = await read({ 'weather.yaml': WEATHER, 'notes.txt': 'not a runbook' });
  expect(violations).toEqual([]);
  expect(runbooks).toMatchObject([
    { path: 'runbooks/weather.yaml', entry: 'runbooks', runbook: { subject: 'weather', title: 'Weather station' } },
  ]);
  expect(runbooks[0]?.runbook.probes.map(({ id, kind }) => [id, kind])).toEqual([
    ['weather.app.ready', 'passive'],
    ['weather.edge.page', 'request'],
  ]);
});

test('a bad file costs that file only', async () => {
  const { runbooks, violations } = await read({ 'a.yaml': 'subject: [', 'weather.yaml': WEATHER });
  expect(runbooks.map(({ runbook }) => runbook.subject)).toEqual(['weather']);
  expect(violations).toHaveLength(1);
});

test('what infra.yaml names and is not there is told', async () => {
  expect((await read({}, ['nowhere'])).violations).toEqual([
    { code: 'runbook.missing', message: 'nowhere: infra.yaml names it, and it is not there' },
  ]);
});

describe('a bad file gives line and reason', () => {
  const changed = (from: string, to: string) => messages(WEATHER.replace(from, to));
  test.each<[string, string, string, RegExp]>([
    ['no YAML', 'subject: weather', 'subject: "weather', /^runbooks\/w\.yaml:1:\d+: /],
    ['a key that there is none of', 'question: Is', 'questoin: Is', /:11:5: unknown key "questoin"/],
    ['a verdict that there is none of', 'verdict: FAIL', 'verdict: BAD', /:\d+:\d+: verdict /],
    [
      'a subject of infra itself',
      'subject: weather',
      'subject: authentik',
      /:1:1: "authentik" is a subject of infra itself/,
    ],
    ['a layer that there is none of', 'layer: app\n', 'layer: apps\n', /:10:5: "apps" is none of the layers/],
    ['an expression that is none', 'when: evidence.status == 503', 'when: evidence.status ==', /:\d+:9: is no CEL: /],
    [
      'a placeholder that is none',
      'answers {{ evidence.status }}"',
      'answers {{ evidence. }}"',
      /\{\{ evidence\. \}\} is no CEL/,
    ],
    [
      'a cause that there is none of',
      'cause: weather.app.down',
      'cause: weather.app.lost',
      /"weather.app.lost" is none of the causes/,
    ],
    ['a Secret', 'plural: deployments', 'plural: secrets', /plural is not recorded: a recording must hold no secret/],
    ['two ways to ask', 'http: {url', 'dns: {name: a, type: A}\n    http: {url', /must ask in exactly one way/],
    [
      'a last rule with a condition',
      '      - verdict: PASS\n        detail: "answers',
      '      - verdict: PASS\n        when: "true"\n        detail: "answers',
      /the last rule must hold always/,
    ],
  ])('%s', async (_, from, to, message) => {
    expect(await changed(from, to)).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  // Each of these reached Secrets, or the path of another request, in the URL of the API.
  test.each<[string, string, string, string]>([
    ['plural', 'deployments', '"%73ecrets"', 'plural must be a kind of the API in lower-case letters and digits'],
    ['plural', 'deployments', 'secrets/', 'plural must be a kind of the API'],
    ['plural', 'deployments', 'secrets/weather', 'plural must be a kind of the API'],
    ['plural', 'deployments', '../../../api/v1/secrets', 'plural must be a kind of the API'],
    ['plural', 'deployments', '"secrets?limit=1"', 'plural must be a kind of the API'],
    ['plural', 'deployments', 'Secrets', 'plural must be a kind of the API'],
    ['plural', 'deployments', '"secrets\\n"', 'plural must be a kind of the API'],
    ['plural', 'deployments', 'serviceaccounts', 'plural is not recorded: a recording must hold no secret'],
    ['plural', 'deployments', 'watch', 'plural is no kind of the API'],
    ['group', 'apps', '../api/v1/secrets', 'group must be a group of the API, such as apps'],
    ['group', 'apps', 'apps%2f', 'group must be a group of the API'],
    ['group', 'apps', '..', 'group must be a group of the API'],
    ['group', 'apps\n', 'apps\n      version: v1/secrets\n', 'version must be a version of the API, such as v1'],
    ['group', 'apps\n', 'apps\n      version: v1/namespaces/x/secrets#\n', 'version must be a version of the API'],
    ['name', 'weather\n      fields', '../secrets\n      fields', 'name must be the name of a Kubernetes object'],
    ['namespace', 'weather\n      name', 'a/secrets\n      name', 'namespace must be the name of a Kubernetes object'],
  ])('%s %j as %j is not what is asked of the API', async (key, from, to, message) => {
    const [violation = ''] = await changed(`${key}: ${from}`, `${key}: ${to}`);
    expect(violation).toMatch(/^runbooks\/w\.yaml:1[6-9]:\d+: /);
    expect(violation).toContain(message);
  });

  test('a group and a version of a custom resource are as the API has them', async () => {
    const [group, version] = ['group: monitoring.coreos.com', 'version: v1beta1'];
    expect(await changed('group: apps\n', `${group}\n      ${version}\n`)).toEqual([]);
  });

  test('a shell is none of the programs that may run', async () => {
    const exec = 'exec: {namespace: weather, pod: w, command: [sh, -c, "rm -rf /"]}';
    expect(await messages(WEATHER.replace('http: {url: "https://weather.example.com/"}', exec))).toEqual([
      expect.stringContaining('must be one of df, stat, ls'),
    ]);
  });

  test('everything that does not fit is told at once', async () => {
    expect(
      await messages(WEATHER.replaceAll('layer: edge', 'layer: rim').replaceAll('weather.edge', 'wether.edge')),
    ).toHaveLength(2);
  });
});
