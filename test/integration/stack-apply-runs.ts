import type { Sandbox } from '../../src/sandbox/start.ts';
import { putVersion } from '../../src/sandbox/vault/kv.ts';
import { type InfraOptions, infraJson } from './user-add/infra.ts';
import { usersSecret } from './user-add/platform.ts';

/** What tests look at in what became of a stack. */
export type AppliedRow = {
  readonly stack: string;
  readonly state: string;
  readonly detail: string;
  readonly replanned: boolean;
  readonly blockedBy: readonly string[];
  readonly changed: boolean;
  readonly error?: { readonly code: string };
};

/** `infra stack apply … --json`, its rows, and the row of one stack. */
export async function apply(sandbox: Sandbox, args: readonly string[], options: InfraOptions = {}) {
  const run = await infraJson(sandbox, ['stack', 'apply', ...args], options);
  const rows = (run.document.stacks ?? []) as readonly AppliedRow[];
  return {
    ...run,
    rows,
    row: (name: string) => rows.find(({ stack }) => stack === name),
    states: Object.fromEntries(rows.map(({ stack, state }) => [stack, state])),
  };
}

/** Waits for no lock: whoever holds one is seen at once. */
export const NOW = { TG_LOCK_TIMEOUT: '0s' } as const;

/** Writes an entry for alice past infra: vault, rbac and k8s-dashboard then have something to create or update. */
export function enterAlice(sandbox: Sandbox): void {
  const { users } = usersSecret(sandbox);
  const secret = sandbox.vault.state.secrets.get('platform');
  const data = secret?.versions.get(secret.current)?.data as Readonly<Record<string, unknown>>;
  const alice = { role: 'namespace-owner', email: 'alice@example.com', namespaces: ['alice'] };
  putVersion(sandbox.vault.state.secrets, 'platform', { ...data, k8s_users: JSON.stringify({ ...users, alice }) });
}
