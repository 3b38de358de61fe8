import type { Clients } from '../../clients/clients.ts';
import type { DnsAnswer, DnsType } from '../../clients/dns/client.ts';
import type { EvidenceState } from '../../diagnosis/probe.ts';
import type { Site } from '../../site/site.ts';
import { answerOf } from '../evidence/answer.ts';
import { type AskedRecord, type MailQuestion, type NameServer, plainName, recordsOf } from './dns-rows.ts';
import { blockListQuestions, blockListView, domainOf, reverseQuestions, zoneQuestions } from './questions.ts';
import type { PolicyAnswer } from './records/mta-sts-policy.ts';
import { type Included, includesIn, MAX_LOOKUPS, spfAmong } from './records/spf.ts';

/** What the questions about records may use. */
export type DnsClients = Pick<Clients, 'dns' | 'web'>;

/** Everything that was asked, before anything is judged. */
export type GatheredDns = {
  readonly asked: readonly AskedRecord[];
  /** Who holds the zone, as its NS records say; undefined when the site names the servers. */
  readonly nameServers: AskedRecord | undefined;
  readonly includes: ReadonlyMap<string, Included>;
  /** Undefined: no policy is announced. */
  readonly policy: { readonly url: string; readonly answer: EvidenceState<PolicyAnswer> } | undefined;
};

const QUESTION_MS = 4000;
const POLICY_MS = 8000;
/** More of them than this are not worth the questions: the limit is far away by then. */
const MOST_SERVERS = 4;
const MOST_INCLUDES = 2 * MAX_LOOKUPS;

/** Asks all servers at the same time, each question once. */
export async function gatherDns(clients: DnsClients, site: Site, hostname: string): Promise<GatheredDns> {
  const open: NameServer = { view: 'public', address: site.edge.resolver.value, name: site.edge.resolver.value };
  const own = site.mail.dns.internal.value;
  const internal: readonly NameServer[] = own === undefined ? [] : [{ view: 'internal', address: own, name: own }];
  const { nameServers, servers } = await holders(clients, site, hostname, open);
  const listServer = blockListView(site) === 'internal' ? (internal[0] ?? open) : open;
  const questions = [
    ...[open, ...servers, ...internal].flatMap((server) =>
      zoneQuestions(site, hostname).map((question) => ({ question, server })),
    ),
    ...reverseQuestions(site).map((question) => ({ question, server: open })),
    ...blockListQuestions(site).map((question) => ({ question, server: listServer })),
  ];
  const asked = await Promise.all(
    questions.map(async ({ question, server }) => ({
      question,
      server,
      answer: await answerOf(() => followed(clients, question, server, open)),
    })),
  );
  const [includes, policy] = await Promise.all([
    includedBy(clients, asked, open),
    announcedPolicy(clients, asked, site, hostname, open),
  ]);
  return { asked, nameServers, includes, policy };
}

function resolve({ dns }: DnsClients, name: string, type: DnsType, server: NameServer): Promise<DnsAnswer> {
  return dns.resolve({ name, type, server: server.address, timeoutMs: QUESTION_MS });
}

/** A key is often an alias into the zone of a relay, which a server of this zone does not follow. */
async function followed(
  clients: DnsClients,
  { record, name, type }: MailQuestion,
  server: NameServer,
  open: NameServer,
): Promise<DnsAnswer> {
  const answer = await resolve(clients, name, type, server);
  if (record !== 'dkim' || answer.state !== 'no-data' || server.view !== 'authoritative') return answer;
  const [alias] = recordsOf(await resolve(clients, name, 'CNAME', server));
  return alias === undefined ? answer : resolve(clients, alias, type, open);
}

async function holders(
  clients: DnsClients,
  site: Site,
  hostname: string,
  open: NameServer,
): Promise<{ readonly nameServers: AskedRecord | undefined; readonly servers: readonly NameServer[] }> {
  const given = site.mail.dns.authoritative.value;
  if (given !== undefined) {
    const servers = given.map((address) => ({ view: 'authoritative' as const, address, name: address }));
    return { nameServers: undefined, servers };
  }
  const question: MailQuestion = { record: 'ns', name: domainOf(site, hostname), type: 'NS' };
  const answer = await answerOf(() => resolve(clients, question.name, 'NS', open));
  const names = answer.state === 'answered' ? recordsOf(answer.value).map(plainName).toSorted() : [];
  const found = await Promise.all(
    names.slice(0, MOST_SERVERS).map(async (name) => {
      const addresses = await answerOf(() => resolve(clients, name, 'A', open));
      const address = addresses.state === 'answered' ? recordsOf(addresses.value)[0] : undefined;
      return address === undefined ? [] : [{ view: 'authoritative' as const, address, name }];
    }),
  );
  return { nameServers: { question, server: open, answer }, servers: found.flat() };
}

/** Reads what the SPF records of all servers include, level by level. */
async function includedBy(
  clients: DnsClients,
  asked: readonly AskedRecord[],
  open: NameServer,
): Promise<ReadonlyMap<string, Included>> {
  const known = new Map<string, Included>();
  const own = asked.flatMap(({ question, answer }) =>
    question.record === 'spf' && answer.state === 'answered' ? spfAmong(recordsOf(answer.value)) : [],
  );
  let next = [...new Set(own.flatMap(includesIn))];
  while (next.length > 0 && known.size < MOST_INCLUDES) {
    const read = await Promise.all(
      next.map(async (name) => [name, includedIn(await answerOf(() => resolve(clients, name, 'TXT', open)))] as const),
    );
    for (const [name, included] of read) known.set(name, included);
    const deeper = read.flatMap(([, included]) => (included.state === 'record' ? includesIn(included.text) : []));
    next = [...new Set(deeper)].filter((name) => !known.has(name));
  }
  return known;
}

function includedIn(answer: EvidenceState<DnsAnswer>): Included {
  if (answer.state === 'no-answer') return { state: 'no-answer', reason: answer.reason };
  const [text] = spfAmong(recordsOf(answer.value));
  return text === undefined ? { state: 'missing' } : { state: 'record', text };
}

/** Fetches the policy from where senders do; without a public TXT record nobody does. */
async function announcedPolicy(
  clients: DnsClients,
  asked: readonly AskedRecord[],
  site: Site,
  hostname: string,
  open: NameServer,
): Promise<GatheredDns['policy']> {
  const announced = asked.some(
    ({ question, server, answer }) =>
      question.record === 'mta-sts' &&
      server.view === 'public' &&
      answer.state === 'answered' &&
      recordsOf(answer.value).some((text) => text.startsWith('v=STSv1')),
  );
  if (!announced) return undefined;
  const host = `mta-sts.${domainOf(site, hostname)}`;
  const url = `https://${host}/.well-known/mta-sts.txt`;
  const answer = await answerOf(async (): Promise<PolicyAnswer> => {
    const [address] = recordsOf(await resolve(clients, host, 'A', open));
    if (address === undefined) return { status: 0, body: '' };
    const connectTo = `${address}:${site.edge.port.value}`;
    const { status, body, tls } = await clients.web.get({ url, connectTo, timeoutMs: POLICY_MS });
    return { status, body, ...(tls === undefined ? {} : { tls }) };
  });
  return { url, answer };
}
