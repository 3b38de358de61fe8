import { load } from '../src/sandbox/kubernetes/state.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/start.ts';
import { putVersion } from '../src/sandbox/vault/kv.ts';
import { healthy } from '../src/sandbox/worlds/healthy.ts';
import { interleaved, timeRun } from './measure.ts';
import { msText, type Row } from './row.ts';
import type { Program } from './start-up.ts';

const USERS = 10_000;
/** One for each run of the measure, the warm-up included. */
const NEW = Array.from({ length: 6 }, (_, index) => `new${index + 1}`);

/** Listing and adding with 10,000 users in the document, each with namespace and binding in the cluster. */
export async function manyUsersRows(infra: Program): Promise<readonly Row[]> {
  const sandbox = await startSandbox({ world: { ...healthy, forgejo: { logins: NEW } } });
  const { env, repo: cwd } = sandbox;
  fill(sandbox);
  let added = 0;
  try {
    const times = await interleaved(NEW.length - 1, {
      list: () => timeRun({ argv: infra('user', 'list', '--json'), env, cwd }),
      add: () => {
        const name = NEW[added++] ?? '';
        return timeRun({
          argv: infra('user', 'add', name, '--email', `${name}@example.com`, '--no-apply', '--yes'),
          env,
          cwd,
        });
      },
      start: () => timeRun({ argv: infra('user', '--help'), env, cwd }),
    });
    const row = (measure: string, ms: number): Row => ({
      measure: `${measure}, ${USERS.toLocaleString('en')} users`,
      value: ms / 1000,
      unit: 's',
      limit: 1,
      detail: `whole process; infra user --help takes ${msText(times.start)}`,
    });
    return [row('infra user list --json', times.list), row('infra user add --no-apply', times.add)];
  } finally {
    await sandbox.stop();
  }
}

function fill({ vault, kubernetes }: Sandbox): void {
  const names = Array.from({ length: USERS }, (_, index) => `u${index}`);
  const users = names.map((name) => [
    name,
    { role: 'namespace-owner', email: `${name}@example.com`, namespaces: [name] },
  ]);
  const text = JSON.stringify({ ...healthy.users, ...Object.fromEntries(users) });
  putVersion(vault.state.secrets, 'platform', { ...healthy.vault.secrets.platform, k8s_users: text });
  load(
    kubernetes.state,
    names.flatMap((name) => [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'managed-by': 'vault-user-onboarding' } },
        status: { phase: 'Active' },
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: `oidc-ns-owner-readonly-${name}` },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'oidc-ns-owner-readonly' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `${name}@example.com` }],
      },
    ]),
  );
}
