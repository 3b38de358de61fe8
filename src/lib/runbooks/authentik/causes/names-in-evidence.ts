import type { Judgements } from '../../../diagnosis/runbook.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { PRIMARY_ID } from '../probes/database-primary.ts';
import { PODS_ID } from '../probes/pods.ts';

/** The namespace that was looked at; the usual one where nothing was. */
export function namespaceOf(judged: Judgements | undefined): string {
  return judged?.answer<readonly PodFact[]>(PODS_ID)?.[0]?.namespace ?? 'authentik';
}

/** Pods about which something was observed, or a placeholder. */
export function podsWith(judged: Judgements | undefined, ...codes: readonly string[]): string {
  const subjects = codes.flatMap((code) => judged?.observed(code) ?? []).flatMap(({ subject }) => subject ?? []);
  return subjects.length === 0 ? '<pod>' : [...new Set(subjects)].sort().join(' ');
}

/** Whether the pods named belong to the server and not to an outpost. */
export function isServerPod(judged: Judgements | undefined, names: string): boolean {
  const pods = judged?.answer<readonly PodFact[]>(PODS_ID) ?? [];
  const outposts = new Set(pods.filter(({ name }) => name.startsWith('ak-outpost-')).map(({ name }) => name));
  return judged !== undefined && names !== '<pod>' && !names.split(' ').some((name) => outposts.has(name));
}

/** The person who was asked about. */
export function userOf(judged: Judgements | undefined): string {
  const user = judged?.options.user;
  return typeof user === 'string' ? user : '<user>';
}

/** The database's primary. */
export function primaryOf(judged: Judgements | undefined): string {
  return judged?.answer<readonly PodFact[]>(PRIMARY_ID)?.[0]?.name ?? '<primary>';
}

/** Where it runs; the usual namespace where nobody looked. */
export function databaseNamespaceOf(judged: Judgements | undefined): string {
  return judged?.answer<readonly PodFact[]>(PRIMARY_ID)?.[0]?.namespace ?? 'dbaas';
}
