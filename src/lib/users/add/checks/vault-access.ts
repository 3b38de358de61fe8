import type { Clients } from '../../../clients/clients.ts';
import { InfraError } from '../../../errors.ts';
import type { Site } from '../../../site/site.ts';
import type { User } from '../../entry.ts';
import { answer, type CheckAnswer } from './check.ts';

/** An API path and the capabilities of which the token needs one. */
type Need = { readonly path: string; readonly oneOf: readonly string[] };

/** KV API path of a secret: `secret/platform` is `secret/data/platform`. */
function kvDataPath(path: string): string {
  const [mount, ...rest] = path.split('/');
  return [mount, 'data', ...rest].join('/');
}

/** What the edit itself needs: read, and patch or update. */
function editNeeds(site: Site): readonly Need[] {
  const path = kvDataPath(site.vault.users.path.value);
  return [
    { path, oneOf: ['read'] },
    { path, oneOf: ['patch', 'update'] },
  ];
}

/**
 * What the vault stack will write for a namespace-owner: policies, transit key, identity group, entity, aliases and a
 * role of the kubernetes engine. The other roles change nothing in that stack.
 */
function applyNeeds(site: Site, user: User): readonly Need[] {
  if (user.entry.role !== 'namespace-owner') return [];
  const write = ['create', 'update'];
  return [
    { path: `sys/policies/acl/namespace-owner-${user.name}`, oneOf: write },
    { path: `sys/policies/acl/sops-user-${user.name}`, oneOf: write },
    { path: 'identity/entity', oneOf: write },
    { path: 'identity/entity-alias', oneOf: write },
    { path: 'identity/group', oneOf: write },
    { path: 'identity/group-alias', oneOf: write },
    ...user.entry.namespaces.flatMap((namespace) => [
      { path: `${site.vault.transitMount.value}/keys/sops-state-${namespace}`, oneOf: write },
      { path: `${site.vault.kubernetesMount.value}/roles/${namespace}-deployer`, oneOf: write },
    ]),
  ];
}

/**
 * Asks Vault what this token may do on every path that the edit and the vault stack will touch.
 * Missing rights on the edit stop everything; missing rights of the stack leave --no-apply.
 */
export async function checkVaultAccess(
  clients: Pick<Clients, 'vault'>,
  site: Site,
  user: User,
  noApply: boolean,
): Promise<CheckAnswer> {
  const id = 'users.add.vault-access';
  const title = 'Vault';
  const edit = editNeeds(site);
  const apply = noApply ? [] : applyNeeds(site, user);
  const granted = await clients.vault.capabilities([...new Set([...edit, ...apply].map((need) => need.path))]);
  const lacking = (needs: readonly Need[]): readonly string[] =>
    needs
      .filter((need) => !allows(granted[need.path] ?? [], need.oneOf))
      .map((need) => `${need.oneOf.join(' or ')} on ${need.path}`);
  const path = site.vault.users.path.value;
  const editLacks = lacking(edit);
  const applyLacks = lacking(apply);
  if (editLacks.length > 0) {
    const error = new InfraError(
      'vault.denied',
      'denied',
      `The Vault token may not edit ${path}: it lacks ${editLacks.join(', ')}.`,
      {
        hints: ['vault token lookup', `vault token capabilities ${kvDataPath(path)}`],
      },
    );
    return {
      finding: { id, title, verdict: 'FAIL', detail: error.message, reason: 'forbidden' },
      blocks: 'denied',
      error,
    };
  }
  if (applyLacks.length > 0) {
    const error = new InfraError(
      'vault.denied',
      'denied',
      `The Vault token cannot apply the vault stack: it lacks ${applyLacks.join(', ')}.`,
      {
        hints: [
          'With this token only the edit is possible: add --no-apply, and apply the stacks with an administrator’s token.',
        ],
      },
    );
    return {
      finding: { id, title, verdict: 'FAIL', detail: error.message, reason: 'forbidden' },
      blocks: 'denied',
      error,
    };
  }
  const paths = new Set([...edit, ...apply].map((need) => need.path)).size;
  return answer(
    id,
    title,
    'PASS',
    `may read and write ${path}${paths > 1 ? ` and ${paths - 1} paths that the stacks write` : ''}`,
  );
}

function allows(granted: readonly string[], oneOf: readonly string[]): boolean {
  if (granted.includes('deny')) return false;
  return granted.includes('root') || oneOf.some((capability) => granted.includes(capability));
}
