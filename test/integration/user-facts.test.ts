import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discoverStacks } from '../../src/lib/stacks/discover.ts';
import { addToGroup, authentikApi, findByEmail, groupNames, listGroups } from '../../src/lib/users/authentik.ts';
import { readUsers } from '../../src/lib/users/document.ts';
import type { RuleFacts } from '../../src/lib/users/facts.ts';
import { unaskedFacts } from '../../src/lib/users/facts.ts';
import { forgejoLogin } from '../../src/lib/users/forgejo.ts';
import { gatherRuleFacts } from '../../src/lib/users/gather-facts.ts';
import { checkRules } from '../../src/lib/users/rules.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { sandboxClients } from '../fakes/sandbox-clients.ts';
import { alice } from '../unit/users/facts-for-tests.ts';

let sandbox: Sandbox;
let platform: Awaited<ReturnType<typeof sandboxClients>>;
beforeAll(async () => {
  sandbox = await startSandbox({ authentik: true });
  platform = await sandboxClients(sandbox);
});
afterAll(() => sandbox.stop());

async function gather(user = alice(), env = sandbox.env): Promise<RuleFacts> {
  const { clients, site } = await sandboxClients(sandbox, env);
  const document = readUsers(await platform.clients.vault.kvRead('secret/platform'), site);
  return gatherRuleFacts(clients, site, await discoverStacks(clients, site), user, document);
}

describe('facts of a running platform', () => {
  test('every source answers, and a new user may be added', async () => {
    const facts = await gather();
    expect(unaskedFacts(facts)).toEqual([]);
    expect(checkRules(alice(), facts)).toEqual([]);
  });

  test.each([
    ['authentik', 'users.name-owns-secret'],
    ['rbac', 'users.name-is-stack'],
    ['kube-system', undefined],
  ])('the name %s', async (name, code) => {
    const user = alice({}, name);
    const codes = checkRules(user, await gather(user)).map((each) => each.code);
    expect(code === undefined ? codes : codes.includes(code)).toEqual(code === undefined ? [] : true);
  });

  test('stored users do not collide with themselves', async () => {
    const facts: RuleFacts = { ...(await gather()), authentik: { state: 'not-configured', detail: 'asked for alice' } };
    for (const { name, entry } of facts.users.values()) {
      if (entry !== undefined) expect(checkRules({ name, entry }, facts), name).toEqual([]);
    }
  });

  test('what the platform has already is refused', async () => {
    const user = alice({ namespaces: ['traefik'], domains: ['www'], email: 'bob@sandbox.test' });
    const codes = checkRules(user, await gather(user)).map((each) => each.code);
    expect(codes).toEqual(['users.email-taken', 'users.namespace-exists', 'users.domain-of-platform']);
  });

  test('a token without rights refuses with 77 instead of finding nothing', async () => {
    const facts = await gather(alice(), { ...sandbox.env, VAULT_TOKEN: 'hvs.nobody-knows-this-token' });
    expect(checkRules(alice(), facts).map(({ code, status }) => [code, status])).toEqual([
      ['users.roots-not-listable', 'denied'],
    ]);
    expect(unaskedFacts(facts).map(({ id, reason }) => [id, reason])).toContainEqual([
      'users.facts.vaultNames',
      'forbidden',
    ]);
  });
});

describe('APIs beside the stacks', () => {
  test('Forgejo tells a login from none, in any case', async () => {
    const ask = (login: string): Promise<string> => forgejoLogin(platform.clients, platform.site, login);
    expect([await ask('alice'), await ask('ALICE'), await ask('nobody')]).toEqual(['exists', 'exists', 'absent']);
  });

  test('Authentik: an account is found in any case, joins a group, and is seen in it', async () => {
    const { clients, site } = platform;
    const api = await authentikApi(clients, site);
    if (api === undefined) throw new Error('Authentik is not configured');
    expect(await findByEmail(clients, api, 'nobody@example.com')).toBeUndefined();
    const account = await findByEmail(clients, api, 'ALICE@example.com');
    const groups = await listGroups(clients, api);
    const group = groups.find(({ name }) => name === 'kubernetes-namespace-owners');
    if (account === undefined || group === undefined) throw new Error('the world has changed');
    expect([...groupNames(account, groups)]).toEqual(['Headscale Users', 'Allow Login Users']);
    await addToGroup(clients, api, group, account);
    const after = await findByEmail(clients, api, account.email);
    expect(after?.groups).toContain(group.id);
  });
});
