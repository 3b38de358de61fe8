import type { Clients } from '../clients/clients.ts';
import { type TrustSubject, trustSubjects } from '../site/addresses.ts';
import type { Site } from '../site/site.ts';
import { isTrusted, readTrust } from '../site/trust.ts';
import type { Host } from './host.ts';

/** What the makers of clients share. */
export type Parts = {
  readonly host: Host;
  readonly warn: (line: string) => void;
  readonly site: () => Promise<Site>;
  readonly client: <K extends keyof Clients>(name: K) => Promise<Clients[K]>;
};

/**
 * The setting of infra.yaml that nobody has accepted on this machine, or undefined: what a repository names gets
 * credentials, or may name a program to run, only after `infra config trust`.
 */
export async function distrusted({ host, site, client }: Parts, key: string): Promise<TrustSubject | undefined> {
  const found = await site();
  const subject = trustSubjects(found).find((one) => one.key === key);
  if (subject === undefined) return undefined;
  const trust = await readTrust(await client('files'), { ...host.env, HOME: host.home }, found.root.value);
  return isTrusted(trust, subject.subject, [host.env.VAULT_ADDR]) ? undefined : subject;
}
