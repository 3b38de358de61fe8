/** The main job on real servers: a user is added, proved by the servers themselves, and added again to no effect. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeInfra } from './harness/infra.ts';
import { type Entry, missingObjects } from './harness/objects.ts';
import type { Shape } from './harness/site-tree.ts';
import { type Stand, startStand } from './harness/stand.ts';
import { leftBehind, pushedState } from './harness/tier0.ts';
import type { Terragrunt } from './harness/toolbox.ts';
import { skipReason } from './harness/tools.ts';
import { readPlatform } from './harness/users.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`user-add.test.ts is skipped: ${reason}`);

const alice: Entry = {
  role: 'namespace-owner',
  email: 'alice@example.test',
  namespaces: ['alice-web', 'alice-db'],
  domains: ['alice-app'],
};
const erin: Entry = { role: 'namespace-owner', email: 'erin@example.test', namespaces: ['erin'] };
const carol: Entry = { role: 'power-user', email: 'carol@example.test' };
const dave: Entry = { role: 'admin', email: 'dave@example.test' };

/** Only who has configured an API token sees these. */
const notAsked = ['Authentik groups'];

const orders: Record<Shape, string[]> = {
  extracted: ['vault', 'platform', 'rbac', 'cloudflared', 'k8s-dashboard', 'woodpecker'],
  documented: ['vault', 'platform', 'woodpecker'],
};

interface Case {
  shape: Shape;
  first: Terragrunt;
  second: Terragrunt;
  /** Who is added through another clone, with the second terragrunt. */
  others: Record<string, Entry>;
}

describe.skipIf(reason !== undefined).each<Case>([
  { shape: 'extracted', first: '1.1.0', second: '0.99', others: { erin } },
  { shape: 'documented', first: '1.0.0', second: '1.1.0', others: { carol, dave } },
])('infra user add on the $shape site', ({ shape, first, second, others }) => {
  let stand: Stand;

  beforeAll(async () => {
    stand = await startStand({ shape, terragrunt: first });
  }, 600_000);

  afterAll(async () => {
    await stand?.stop();
  });

  function flags(name: string, { role, email, namespaces = [], domains = [] }: Entry): string[] {
    const many = (flag: string, values: string[]) => values.flatMap((value) => [flag, value]);
    const confirm = role === 'admin' ? ['--confirm', email] : [];
    const lists = [...many('--namespace', namespaces), ...many('--domain', domains)];
    return ['user', 'add', name, '--role', role, '--email', email, ...lists, ...confirm];
  }

  async function may(email: string, attributes: Record<string, string>): Promise<boolean> {
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const review = await stand.kubernetes.must('POST', path, { spec: { user: email, resourceAttributes: attributes } });
    return review.status.allowed;
  }

  const secrets = { verb: 'get', resource: 'secrets', namespace: 'kube-system' };
  const deploy = (namespace: string) => ({ verb: 'create', group: 'apps', resource: 'deployments', namespace });

  test('a dry run says what it would do, and changes nothing', async () => {
    const before = await readPlatform(stand.vault);
    const document = await stand.infra.json(...flags('alice', alice), '--dry-run');
    expect(document).toMatchObject({ exitStatus: 0, result: 'planned', shape });
    expect(document.order.map((each: { stack: string }) => each.stack)).toEqual(orders[shape]);
    expect(document.steps.map((step: { state: string }) => step.state)).toEqual([
      'planned',
      ...orders[shape].map(() => 'deferred'),
    ]);
    expect(await readPlatform(stand.vault)).toEqual(before);
    expect(await stand.infra.journals()).toEqual([]);
    expect(await leftBehind(stand.site, ['vault'])).toEqual([]);
  });

  test(`terragrunt ${first} brings a namespace-owner every object, read back from the servers`, async () => {
    const before = await readPlatform(stand.vault);
    const stateBefore = await pushedState(stand.site, 'vault');

    const document = await stand.infra.json(...flags('alice', alice), '--yes');

    expect(document).toMatchObject({ exitStatus: 0, result: 'added', shape });
    expect(document.error).toBeUndefined();
    expect(verdicts(document.findings)).toEqual({ PASS: document.findings.length - notAsked.length, SKIP: notAsked });
    expect(await missingObjects(stand, 'alice', alice)).toEqual([]);

    const after = await readPlatform(stand.vault);
    expect(after.users).toEqual({ ...before.users, alice });
    expect(after.others).toBe(before.others);
    expect(after.version).toBe(before.version + 1);

    const state = await pushedState(stand.site, 'vault');
    expect(state.lineage).toBe(stateBefore.lineage);
    expect(state.serial).toBeGreaterThan(stateBefore.serial);
    expect(state.commits).toBe(stateBefore.commits + 1);
    expect(state.addresses).toEqual(expect.arrayContaining(stateBefore.addresses));
    expect(state.addresses).toContain('kubernetes_namespace.user_namespace["alice-web"]');
    expect(await leftBehind(stand.site, ['vault', 'platform'])).toEqual([]);

    const [journal] = await stand.infra.journals();
    expect(journal?.at(-1)).toMatchObject({ event: 'run-end', data: { status: 'ok' } });
  });

  test('the authoriser lets the owner into his namespaces and nowhere near the system', async () => {
    expect(await may(alice.email, deploy('alice-web'))).toBe(true);
    expect(await may(alice.email, deploy('alice-db'))).toBe(true);
    expect(await may(alice.email, deploy('bob-lab'))).toBe(false);
    expect(await may(alice.email, secrets)).toBe(false);
  });

  test('the same command again finds nothing to change', async () => {
    const before = await readPlatform(stand.vault);
    const document = await stand.infra.json(...flags('alice', alice), '--yes');
    expect(document).toMatchObject({ exitStatus: 0, result: 'nothing-to-change' });
    const text = await stand.infra.run(...flags('alice', alice), '--yes');
    expect([text.status, text.stdout]).toEqual([0, expect.stringContaining('nothing to change')]);
    expect(await readPlatform(stand.vault)).toEqual(before);
    expect(await stand.infra.journals()).toHaveLength(1);
    expect(await leftBehind(stand.site, ['vault', 'platform'])).toEqual([]);
  });

  test('another entry under the same name is refused', async () => {
    const before = await readPlatform(stand.vault);
    const other = { ...alice, namespaces: ['alice-web'] };
    const document = await stand.infra.json(...flags('alice', other), '--yes');
    expect(document).toMatchObject({ exitStatus: 65, error: { code: 'users.entry-differs' } });
    expect(await readPlatform(stand.vault)).toEqual(before);
  });

  test(`terragrunt ${second} in another clone brings ${Object.keys(others).join(' and ')} every object`, async () => {
    const site = await stand.site.another({ terragrunt: second });
    const push = await site.run('git', ['push', '-q']);
    expect(push.status, push.stderr).toBe(0);
    const infra = await makeInfra(site);
    expect((await infra.json('config', 'trust', '--yes')).exitStatus).toBe(0);

    for (const [name, entry] of Object.entries(others)) {
      const document = await infra.json(...flags(name, entry), '--yes');
      expect(document).toMatchObject({ exitStatus: 0, result: 'added' });
      expect(verdicts(document.findings)).toEqual({ PASS: document.findings.length - notAsked.length, SKIP: notAsked });
      expect(await missingObjects(stand, name, entry)).toEqual([]);
      expect(await leftBehind(site, ['vault', 'platform'])).toEqual([]);
      expect(await may(entry.email, secrets)).toBe(entry.role === 'admin');
      const seesPods = await may(entry.email, { verb: 'list', resource: 'pods', namespace: 'kube-system' });
      expect(seesPods).toBe(true);
    }
  });
});

/** How many PASS, and the titles of everything else. */
function verdicts(findings: { verdict: string; title: string }[]): Record<string, number | string[]> {
  const others = Object.groupBy(
    findings.filter(({ verdict }) => verdict !== 'PASS'),
    ({ verdict }) => verdict,
  );
  const titles = Object.entries(others).map(([verdict, each = []]) => [verdict, each.map(({ title }) => title)]);
  return { PASS: findings.filter(({ verdict }) => verdict === 'PASS').length, ...Object.fromEntries(titles) };
}
