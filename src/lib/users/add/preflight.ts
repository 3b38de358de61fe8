import type { InfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { discoverStacks } from '../../stacks/discover.ts';
import type { ApplyOrder } from '../../stacks/order.ts';
import { applyOrder } from '../../stacks/order.ts';
import { detectShape } from '../../stacks/shape.ts';
import type { Shape, Stack } from '../../stacks/stack.ts';
import type { UsersDocument } from '../document.ts';
import { readUsers } from '../document.ts';
import type { EditPlan } from '../edit.ts';
import { entryDiffers, planEdit } from '../edit.ts';
import type { RuleFacts } from '../facts.ts';
import { gatherRuleFacts } from '../gather-facts.ts';
import { checkAdminConfirmed, checkAuthentikAccount, checkForgejoLogin } from './checks/accounts.ts';
import type { CheckAnswer } from './checks/check.ts';
import { ask, combined } from './checks/check.ts';
import { checkClusterAccess } from './checks/cluster-access.ts';
import { checkIdentityAlias } from './checks/identity-alias.ts';
import { checkRuleFacts } from './checks/rules-check.ts';
import { checkSameTarget } from './checks/same-target.ts';
import { checkStackTools } from './checks/stack-tools.ts';
import { checkVaultAccess } from './checks/vault-access.ts';
import type { AddContext, AddRequest } from './request.ts';

/** The repository and the document as they are before anything is done. */
export type Surroundings = {
  readonly stacks: readonly Stack[];
  readonly shape: Shape;
  readonly order: ApplyOrder;
  readonly document: UsersDocument;
  readonly edit: EditPlan;
};

/** The answers of every check, and the error they amount to. */
export type Preflight = {
  readonly facts: RuleFacts;
  readonly findings: readonly Finding[];
  readonly error: InfraError | undefined;
};

/**
 * Reads stacks and users, and compares the entry. Errors: those of `readUsers` (65), `applyOrder` (78), `Vault`;
 * `users.entry-differs` (65) when the name has another entry.
 */
export async function readSurroundings(context: AddContext, request: AddRequest): Promise<Surroundings> {
  const { clients, site } = context;
  const [stacks, read] = await Promise.all([
    discoverStacks(clients, site),
    clients.vault.kvRead(site.vault.users.path.value),
  ]);
  const document = readUsers(read, site);
  const edit = planEdit(document, request.user);
  if (edit.state === 'different') throw entryDiffers(request.user, edit);
  return { stacks, shape: detectShape(stacks).shape, order: applyOrder(stacks, request.user, site), document, edit };
}

/** Asks everything that can be asked before the first write, at the same time; each answer is reported as it comes. */
export async function runPreflight(context: AddContext, request: AddRequest, around: Surroundings): Promise<Preflight> {
  const { clients, site, onEvent } = context;
  const { user, noApply } = request;
  const told = async (asked: Promise<CheckAnswer | undefined>): Promise<readonly CheckAnswer[]> => {
    const found = await asked;
    if (found !== undefined) onEvent({ type: 'check', finding: found.finding });
    return found === undefined ? [] : [found];
  };
  const gathering = gatherRuleFacts(clients, site, around.stacks, user, around.document);
  const rules = gathering.then((facts) => {
    const answers = [...checkRuleFacts(user, facts, noApply), checkAuthentikAccount(user, facts)];
    for (const { finding } of answers) onEvent({ type: 'check', finding });
    return answers;
  });
  const forCluster = noApply
    ? []
    : [
        told(ask('users.add.cluster-access', 'cluster', false, () => checkClusterAccess(clients, user))),
        told(ask('users.add.same-target', 'same platform', false, () => checkSameTarget(context, around.stacks))),
        told(ask('users.add.stacks', 'stacks', false, () => checkStackTools(context, around.order))),
        told(askAlias(context, request)),
      ];
  const answers = await Promise.all([
    rules,
    told(ask('users.add.vault-access', 'Vault', false, () => checkVaultAccess(clients, site, user, noApply))),
    ...forCluster,
    user.entry.role === 'namespace-owner'
      ? told(ask('users.add.forgejo', 'Forgejo', noApply, () => checkForgejoLogin(clients, site, user)))
      : [],
    told(Promise.resolve(checkAdminConfirmed(user, request.confirmEmail))),
  ]);
  const flat = answers.flat();
  return { facts: await gathering, findings: flat.map((each) => each.finding), error: combined(flat) };
}

/** The alias check may have nothing to ask; a failure to ask stops the run like every other. */
async function askAlias(context: AddContext, request: AddRequest): Promise<CheckAnswer | undefined> {
  if (request.user.entry.role !== 'namespace-owner') return undefined;
  return ask('users.add.identity-alias', 'Vault identity', false, () =>
    checkIdentityAlias(context.clients, context.site, request.user),
  );
}
