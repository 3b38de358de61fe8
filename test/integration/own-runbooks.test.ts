import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { infra, infraJson } from './user-add/infra.ts';

let sandbox: Sandbox;
const put = (name: string, text: string): Promise<void> => writeFile(join(sandbox.repo, 'runbooks', name), text);

/** The example of the documentation, and one about something that the sandbox has. */
const nodesRunbook = (count: number): string => `subject: fleet
title: Fleet
introduction: The machines.
layers: [{id: nodes, title: nodes}]
probes:
  - id: fleet.nodes.count
    title: machines
    layer: nodes
    question: Are all there?
    why: We bought ${count}.
    healthy: ${count} nodes.
    byHand: kubectl get nodes
    kubernetes: {plural: nodes, fields: [metadata.name]}
    judge:
      - when: size(evidence.items) < ${count}
        verdict: FAIL
        detail: "{{ size(evidence.items) }} of ${count} nodes"
        observation: fleet.missing
        cause: fleet.nodes.lost
      - verdict: PASS
        detail: "{{ size(evidence.items) }} nodes"
causes:
  - code: fleet.nodes.lost
    layer: nodes
    title: a machine is gone
    explains: [fleet.missing]
    remedies: [{phase: now, text: Look for it., command: kubectl get nodes, risk: read}]
`;

beforeAll(async () => {
  sandbox = await startSandbox();
  await mkdir(join(sandbox.repo, 'runbooks'));
  const site = join(sandbox.repo, 'infra.yaml');
  await writeFile(site, `${await readFile(site, 'utf8')}\nrunbooks: [runbooks]\n`);
  const page = await readFile(join(import.meta.dirname, '../../docs/own-runbooks.md'), 'utf8');
  const example = /```yaml\n(subject: weather\n.*?)```/s.exec(page)?.[1] ?? expect.fail('no example in the page');
  await put('weather.yaml', example);
  await put('fleet.yaml', nodesRunbook(5));
});
afterAll(() => sandbox.stop());

describe('a runbook of the site', () => {
  test('is asked only after it was accepted on this machine', async () => {
    const { status, document } = await infraJson(sandbox, ['diagnose', 'fleet']);
    expect([status, document.error?.code]).toEqual([78, 'config.untrusted']);
    expect((await infra(sandbox, ['config', 'trust', '--yes'])).status).toBe(0);
    expect((await infra(sandbox, ['diagnose', 'fleet'])).status).toBe(0);
  });

  test('is listed and shown with the built-in ones, the example of the documentation too', async () => {
    const { document } = await infraJson(sandbox, ['runbook', 'list']);
    const rows = document.runbooks as readonly { readonly subject: string; readonly source: string }[];
    expect(rows.filter(({ source }) => source !== 'infra').map(({ subject, source }) => [subject, source])).toEqual([
      ['fleet', 'runbooks/fleet.yaml'],
      ['weather', 'runbooks/weather.yaml'],
    ]);
    const { stdout } = await infra(sandbox, ['runbook', 'show', 'weather']);
    expect(stdout).toContain('kubectl -n weather get deployment weather');
  });

  test('finds its cause, with every flag of a diagnosis', async () => {
    await put('fleet.yaml', nodesRunbook(7));
    const { status, document } = await infraJson(sandbox, ['diagnose', 'fleet']);
    expect(status).toBe(2);
    expect(document).toMatchObject({
      subject: 'fleet',
      rootCause: { code: 'fleet.nodes.lost', confidence: 'confirmed' },
      findings: [{ verdict: 'FAIL', detail: '5 of 7 nodes' }],
    });
    const list = await infra(sandbox, ['diagnose', 'fleet', '--list']);
    expect([list.status, list.stdout]).toEqual([0, expect.stringContaining('fleet.nodes.count')]);
  });

  test('that is bad is named with line and reason, and costs nothing else', async () => {
    await put(
      'bad.yaml',
      nodesRunbook(5).replace('subject: fleet', 'subject: bad').replace('verdict: FAIL', 'verdict: BAD'),
    );
    const { status, stdout, stderr } = await infra(sandbox, ['runbook', 'list']);
    expect(status).toBe(78);
    expect(stdout).toContain('weather');
    expect(stderr).toMatch(/runbooks\/bad\.yaml:\d+:\d+: verdict /);
    expect((await infra(sandbox, ['diagnose', 'fleet'])).status).toBe(2);
  });

  test('is no part of triage', async () => {
    const { document } = await infraJson(sandbox, ['diagnose']);
    expect(JSON.stringify(document)).not.toContain('fleet');
  });
});
