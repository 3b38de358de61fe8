import { relative } from 'node:path';
import type { Finding } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import type { ApplyOrder } from '../../stacks/order.ts';
import type { User } from '../entry.ts';
import type { AddRequest } from './request.ts';

/** What nobody but a person can do, in the order in which to do it. */
export function byHand(site: Site, request: AddRequest, findings: readonly Finding[]): readonly string[] {
  const { user } = request;
  const { role, email } = user.entry;
  const list: string[] = [];
  if (request.noApply || site.authentik.token.value === undefined || site.authentik.url.value === undefined) {
    list.push(`Authentik: add ${email} to ${authentikGroups(user).join(', ')}`);
  }
  if (role === 'namespace-owner' && site.users.forgejo.value === undefined) {
    list.push(`Forgejo: make sure that the login ${user.name} is this person's; it is a Woodpecker admin now`);
  }
  if (!request.restartPortal && !request.noApply) {
    list.push(`portal: it reads its users at start: ${restartPortal(site)}`);
  }
  list.push(...choices(findings));
  if (!request.noApply) list.push(`send ${user.name} the onboarding text: infra user show ${user.name} --onboarding`);
  return list;
}

/** What verification found open that is a person's choice. */
export function choices(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ reason, title, hint }) =>
    reason === 'by-hand' && hint !== undefined ? [`${title}: ${hint}`] : [],
  );
}

/** Findings as `user add` judges them: what only a person can mend is named, and is not this run's failure. */
export function withoutChoices(findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => (finding.reason === 'by-hand' ? { ...finding, verdict: 'SKIP' } : finding));
}

/** Groups of a role in Authentik; `Allow Login Users` is reached through a child group, else Vault refuses the login. */
function authentikGroups(user: User): readonly string[] {
  switch (user.entry.role) {
    case 'namespace-owner':
      return ['kubernetes-namespace-owners', 'a child of "Allow Login Users"', `sops-${user.name}`];
    case 'power-user':
      return ['kubernetes-power-users', 'a child of "Allow Login Users"'];
    case 'admin':
      return ['kubernetes-admins', 'a child of "Allow Login Users"'];
  }
}

function restartPortal(site: Site): string {
  const { namespace, deployment } = site.users.portal;
  return `kubectl -n ${namespace.value} rollout restart deployment ${deployment.value}`;
}

/** The commands that finish the work by hand: each stack in order, the portal where it was asked for, then the proof. */
export function commandsLeft(site: Site, request: AddRequest, order: ApplyOrder): readonly string[] {
  const wrapper = site.stacks.wrapper.value;
  const dir = relative(site.root.value, `${site.root.value}/${site.stacks.dir.value}`);
  return [
    ...order.apply.map(
      ({ stack }) => `(cd ${dir}/${stack.name} && ${'../'.repeat(dir.split('/').length + 1)}${wrapper} apply)`,
    ),
    ...(request.restartPortal ? [restartPortal(site)] : []),
    `infra user verify ${request.user.name}`,
  ];
}

/** The command that was typed, from its request: what goes on after an interruption. */
export function sameCommand(request: AddRequest): string {
  const { user } = request;
  const { role, email, namespaces, domains, quota } = user.entry;
  const words = ['infra user add', user.name, '--email', email];
  if (role !== 'namespace-owner') words.push('--role', role);
  if (role === 'namespace-owner' && !(namespaces.length === 1 && namespaces[0] === user.name)) {
    for (const namespace of namespaces) words.push('--namespace', namespace);
  }
  for (const domain of domains) words.push('--domain', domain);
  for (const [key, value] of Object.entries(quota)) words.push('--quota', `${key}=${value}`);
  if (request.confirmEmail !== undefined) words.push('--confirm', request.confirmEmail);
  if (request.restartPortal) words.push('--restart-portal');
  return words.join(' ');
}
