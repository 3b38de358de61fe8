import { afterEach, describe, expect, test } from 'vitest';
import { withoutChoices } from '../../../../src/lib/users/add/left-over.ts';
import { groupsStep } from '../../../../src/lib/users/add/steps/groups.ts';
import type { User } from '../../../../src/lib/users/entry.ts';
import { authentikOf } from '../../../../src/lib/users/objects/access.ts';
import { verifyUsers } from '../../../../src/lib/users/verify/verify-user.ts';
import type { AuthentikGroup } from '../../../../src/sandbox/apis/authentik.ts';
import { type Sandbox, startSandbox } from '../../../../src/sandbox/start.ts';
import { healthy } from '../../../../src/sandbox/worlds/healthy.ts';
import { sandboxClients } from '../../../fakes/sandbox-clients.ts';
import { INFRA, run } from '../../../integration/cli/run-program.ts';

const EMAIL = 'alice@example.com';
const ALICE: User = {
  name: 'alice',
  entry: { role: 'namespace-owner', email: EMAIL, namespaces: ['alice'], domains: [], quota: {} },
};
const LOGIN = { name: 'Allow Login Users' };
const OWNERS = { name: 'kubernetes-namespace-owners' };
const below = (name: string): AuthentikGroup => ({ name, parent: LOGIN.name });
const quiet = { note: async () => {}, interrupt: AbortSignal.any([]), progress: () => {}, dryRun: false };

let sandbox: Sandbox;
afterEach(() => sandbox.stop());

/** A platform whose Authentik has these groups, and alice in some of them. */
async function platform(groups: readonly AuthentikGroup[], member: readonly string[]) {
  const users = [{ username: EMAIL, email: EMAIL, groups: member }];
  sandbox = await startSandbox({
    authentik: true,
    world: { ...healthy, authentik: { ...healthy.authentik, groups, users } },
  });
  const { clients, site } = await sandboxClients(sandbox);
  const step = groupsStep({ clients, site }, ALICE);
  const verify = async () => {
    const only = ({ id }: { id: string }) => id === authentikOf(ALICE).id;
    const [verified] = await verifyUsers(clients, site, 'extracted', [ALICE], only);
    return verified?.findings ?? [];
  };
  return { step, verify, alice: () => sandbox.authentik.state.users.get(1)?.groups };
}

test("the user's own group is made when it is missing, and joined like the group of the role", async () => {
  const { step, verify, alice } = await platform([LOGIN, OWNERS, below('Headscale Users')], ['Headscale Users']);
  const planned = await step.plan(quiet);
  expect(planned.actions.map(({ summary }) => summary)).toEqual([
    'make the group sops-alice',
    `add ${EMAIL} to kubernetes-namespace-owners`,
    `add ${EMAIL} to sops-alice`,
  ]);
  expect(await step.apply(planned, quiet)).toBe('made sops-alice, added to kubernetes-namespace-owners, sops-alice');
  expect(alice()).toEqual(['Headscale Users', 'kubernetes-namespace-owners', 'sops-alice']);
  expect(await verify()).toMatchObject([{ verdict: 'PASS' }]);
  expect(await step.plan(quiet)).toMatchObject({ state: 'done', actions: [] });
});

test('a group that somebody else makes at the same moment is the one to join', async () => {
  const { step, alice } = await platform([LOGIN, OWNERS], [LOGIN.name, OWNERS.name]);
  const planned = await step.plan(quiet);
  sandbox.authentik.state.groups.set('sops-alice', { name: 'sops-alice' });
  await step.apply(planned, quiet);
  expect(alice()).toContain('sops-alice');
});

test('a group that cannot be made is told, not passed over', async () => {
  const { step } = await platform([LOGIN, OWNERS], [LOGIN.name, OWNERS.name]);
  const planned = await step.plan(quiet);
  sandbox.authentik.inject({ method: 'POST', path: '/api/v3/core/groups/', status: 500, body: {} });
  await expect(step.apply(planned, quiet)).rejects.toMatchObject({ code: 'authentik.failed' });
});

test('the group of a role is never made: what it opens is decided in Authentik', async () => {
  const { step } = await platform([LOGIN], [LOGIN.name]);
  await expect(step.plan(quiet)).rejects.toMatchObject({
    code: 'users.authentik-no-group',
    message: 'Authentik has no group kubernetes-namespace-owners.',
  });
  expect([...sandbox.authentik.state.groups.keys()]).toEqual([LOGIN.name]);
});

describe('an account that reaches no login', () => {
  test('joins the only group that leads there', async () => {
    const { step, verify, alice } = await platform([LOGIN, OWNERS, below('Headscale Users')], []);
    await step.apply(await step.plan(quiet), quiet);
    expect(alice()).toEqual(['kubernetes-namespace-owners', 'Headscale Users', 'sops-alice']);
    expect(await verify()).toMatchObject([{ verdict: 'PASS' }]);
  });

  test.each([
    ['several groups', [below('Wrongmove Users'), below('Headscale Users')], 'Headscale Users or Wrongmove Users'],
    ['a group of admins only', [below('Home Server Admins')], 'Home Server Admins'],
    ['a group of superusers only', [{ ...below('Keepers'), superuser: true }], 'Keepers'],
  ])('and has the choice of %s is left to a person', async (_what, children, named) => {
    const { step, verify, alice } = await platform([LOGIN, OWNERS, ...children], []);
    expect(await step.apply(await step.plan(quiet), quiet)).toContain('; by hand: a child of Allow Login Users');
    expect(alice()).toEqual(['kubernetes-namespace-owners', 'sops-alice']);
    const found = await verify();
    const hint = `add ${EMAIL} to a child of "Allow Login Users": ${named}`;
    expect(found).toMatchObject([{ verdict: 'FAIL', reason: 'by-hand', hint }]);
    expect(withoutChoices(found)).toMatchObject([{ verdict: 'SKIP', reason: 'by-hand', hint }]);
  });

  test('fails as ever when a group is missing that the step would have set', async () => {
    const { verify } = await platform([LOGIN, OWNERS, below('Headscale Users'), below('Wrongmove Users')], []);
    const found = await verify();
    expect(found).toMatchObject([{ verdict: 'FAIL', detail: expect.stringContaining('no login to Vault') }]);
    expect(withoutChoices(found)).toEqual(found);
  });
});

test('user add ends 0 with the choice listed by hand, then has nothing to change, and verify fails until it is made', async () => {
  const groups = [...healthy.authentik.groups];
  await platform(groups, []);
  const add = ['user', 'add', 'alice', '--email', EMAIL, '--yes'];
  const choice =
    /Left to do by hand\n {2}1 Authentik groups: add alice@example\.com to a child of "Allow Login\s+Users"/;
  const first = await run(INFRA, [...add, '--restart-portal'], { env: sandbox.env });
  expect(first).toMatchObject({ status: 0, stdout: expect.stringMatching(choice) });
  const second = await run(INFRA, add, { env: sandbox.env });
  expect(second).toMatchObject({ status: 0, stdout: expect.stringMatching(choice) });
  expect(second.stdout).toContain('alice is complete: nothing to change.');
  expect((await run(INFRA, ['user', 'verify', 'alice'], { env: sandbox.env })).status).toBe(2);
});
