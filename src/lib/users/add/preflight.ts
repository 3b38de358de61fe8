import type { InfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { discoverStacks } from '../../stacks/discover.ts';
import type { ApplyOrder } from '../../stacks/order.ts';
import { applyOrder } from '../../stacks/order.ts';
import { preflightStacks } from '../../stacks/preflight/preflight.ts';
import { detectShape } from '../../stacks/shape.ts';
import type { Shape, Stack } from '../../stacks/stack.ts';
import type { UsersDocument } from '../document.ts';
import { readUsers } from '../document.ts';
import type { EditPlan } from '../edit.ts';
import { entryDiffers, planEdit } from '../edit.ts';
import type { RuleFacts } from '../facts.ts';
import { gatherRuleFacts } from '../gather-facts.ts';
import { stackDeps } from './baseline.ts';
import { checkAdminConfirmed, checkAuthentikAccount, checkForgejoLogin } from './checks/accounts.ts';
import type { CheckAnswer } from './checks/check.ts';
import { answer, ask, combined } from './checks/check.ts';
import { checkClusterAccess } from './checks/cluster-access.ts';
import { checkIdentityAlias } from './checks/identity-alias.ts';
import { checkRuleFacts } from './checks/rules-check.ts';
import { checkSameTarget } from './checks/same-target.ts';
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
  const rules = gathering.then(async (facts) => {
    const account = checkAuthentikAccount(user, facts);
    const answers = [...checkRuleFacts(user, facts, noApply), ...(account === undefined ? [] : [account])];
    for (const { finding } of answers) onEvent({ type: 'check', finding });
    // A name that may not be used at all is not looked up as a login.
    const valid = answers.every((each) => each.blocks === undefined);
    return valid && user.entry.role === 'namespace-owner'
      ? [...answers, ...(await told(askForgejo(context, request)))]
      : answers;
  });
  const forCluster = noApply
    ? []
    : [
        told(ask('users.add.cluster-access', 'cluster', false, () => checkClusterAccess(clients, user))),
        askStacks(context, around),
        told(askAlias(context, request)),
      ];
  const answers = await Promise.all([
    rules,
    told(ask('users.add.vault-access', 'Vault', false, () => checkVaultAccess(clients, site, user, noApply))),
    told(ask('users.add.same-target', 'same platform', noApply, () => checkSameTarget(context, noApply))),
    ...forCluster,
    told(Promise.resolve(checkAdminConfirmed(user, request.confirmEmail))),
  ]);
  const flat = answers.flat();
  return { facts: await gathering, findings: flat.map((each) => each.finding), error: combined(flat) };
}

/** What can stop the stacks and is known without planning them. */
async function askStacks(context: AddContext, around: Surroundings): Promise<readonly CheckAnswer[]> {
  const stacks = around.order.apply.map(({ stack }) => stack);
  const answers = await preflightStacks(await stackDeps(context), stacks, context.interrupt);
  const told = withGuardsAsOne(answers, stacks.length);
  for (const { finding } of told) context.onEvent({ type: 'check', finding });
  return told;
}

/** Guard scripts that all passed are one line; one that did not keeps its own. */
function withGuardsAsOne(answers: readonly CheckAnswer[], stacks: number): readonly CheckAnswer[] {
  const isFine = ({ finding }: CheckAnswer): boolean => finding.id === 'stack.guards' && finding.verdict === 'PASS';
  const fine = answers.filter(isFine);
  const [first] = fine;
  if (first === undefined) return answers;
  const detail = `${first.finding.detail} for ${fine.length === stacks ? 'each stack' : `${fine.length} of ${stacks} stacks`}`;
  return [...answers.filter((each) => !isFine(each)), answer('stack.guards', 'guards', 'PASS', detail)];
}

/** Whose login it is; with --no-apply Forgejo need not answer. */
function askForgejo({ clients, site }: AddContext, { user, noApply }: AddRequest): Promise<CheckAnswer> {
  return ask('users.add.forgejo', 'Forgejo', noApply, () => checkForgejoLogin(clients, site, user));
}

/** The alias check may have nothing to ask; a failure to ask stops the run like every other. */
async function askAlias(context: AddContext, request: AddRequest): Promise<CheckAnswer | undefined> {
  if (request.user.entry.role !== 'namespace-owner') return undefined;
  return ask('users.add.identity-alias', 'Vault identity', false, () =>
    checkIdentityAlias(context.clients, context.site, request.user),
  );
}
