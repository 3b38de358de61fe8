/** `user verify` against real servers: whatever is lost or altered, exactly its row fails. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inCluster } from './harness/damage.ts';
import { baseUsers } from './harness/seed-vault.ts';
import { type Stand, startStand } from './harness/stand.ts';
import { skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';
import { dashboard, lab, mayDeploy, rbac, rows, token } from './harness/verify-rows.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`user-verify-rows.test.ts is skipped: ${reason}`);

const users = {
  ...baseUsers,
  carol: { role: 'power-user', email: 'carol@example.test' },
  dave: { role: 'admin', email: 'dave@example.test' },
};

describe.skipIf(reason !== undefined)('infra user verify, row by row', () => {
  let stand: Stand;

  beforeAll(async () => {
    stand = await startStand({ shape: 'extracted', terragrunt: '1.1.0', users });
  }, 600_000);

  afterAll(async () => {
    await stand?.stop();
  });

  async function verify(user: string) {
    const { exitStatus, users: found } = await stand.infra.json('user', 'verify', user);
    const findings: { id: string; verdict: string; reason?: string }[] = found[0].findings;
    const ids = (verdict: string) => findings.filter((each) => each.verdict === verdict).map(({ id }) => id);
    const blocked = findings.filter((each) => each.reason === 'blocked').map(({ id }) => id);
    return { exitStatus, fail: ids('FAIL'), unknown: ids('UNKNOWN'), blocked, skip: ids('SKIP'), all: findings };
  }

  const whole = (user: string) => ({
    exitStatus: 0,
    fail: [],
    unknown: [],
    blocked: [],
    skip: [`users.authentik-groups/${user}`],
  });

  test.each(Object.keys(users))('everything of %s passes as it is', async (user) => {
    expect(await verify(user)).toMatchObject(whole(user));
  });

  test('every row but the namespace and what the authoriser says is broken here', async () => {
    const { all } = await verify('bob');
    const covered = rows.filter(({ user }) => user === 'bob').map(({ row }) => row);
    const others = all.map(({ id }) => id).filter((id) => !covered.includes(id));
    expect(others.sort()).toEqual([
      'users.access/bob/inside/bob-lab',
      'users.access/bob/kube-system',
      'users.authentik-groups/bob',
      'users.entry/bob',
      'users.namespace/bob-lab',
    ]);
  });

  test.each(rows)('$row', async ({ user, row, follows: [afterLoss, afterChange] = [[], []], lost, altered }) => {
    for (const [damage, follows] of [[lost(stand), afterLoss] as const, [altered(stand), afterChange] as const]) {
      const restore = await damage();
      try {
        expect(await verify(user)).toMatchObject({ exitStatus: 2, fail: [row], unknown: follows, blocked: follows });
      } finally {
        await restore();
      }
    }
  });

  test('a right that nobody gave: secrets of the system', async () => {
    const bindings = `${rbac}/namespaces/kube-system/rolebindings`;
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' };
    const subjects = [{ kind: 'User', name: 'bob@example.test', apiGroup: 'rbac.authorization.k8s.io' }];
    await stand.kubernetes.must('POST', bindings, { metadata: { name: 'too-much' }, roleRef, subjects });
    const fail = ['users.access/bob/kube-system'];
    // The authoriser learns of bindings from a watch.
    await until('the authoriser to know', async () => ((await verify('bob')).fail.length > 0 ? true : undefined));
    expect(await verify('bob')).toMatchObject({ exitStatus: 2, fail, unknown: [] });
    await stand.kubernetes.must('DELETE', `${bindings}/too-much`);
  });

  test('users.namespace/bob-lab, altered and then lost with all that is in it', async () => {
    const row = 'users.namespace/bob-lab';
    const restore = await inCluster(stand.kubernetes, lab).changed({ metadata: { labels: { tier: '0-core' } } })();
    expect(await verify('bob')).toMatchObject({ exitStatus: 2, fail: [row], unknown: [] });
    await restore();
    expect(await verify('bob')).toMatchObject(whole('bob'));

    await inCluster(stand.kubernetes, lab).gone();
    const { fail, unknown, blocked } = await verify('bob');
    expect([fail, unknown]).toEqual([[row], blocked]);
    expect(blocked).toEqual(expect.arrayContaining(['users.tls-secret/bob-lab', token, dashboard, mayDeploy]));
  });
});
