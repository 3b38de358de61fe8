import type { AuthentikGroup } from '../authentik.ts';
import { childrenOf, findByEmail, groupNames } from '../authentik.ts';
import type { SpecOf } from '../expected-object.ts';
import type { JsonApi } from '../json-api.ts';
import { askApi, asRecord, asRecords, malformed } from '../json-api.ts';
import type { Outcome } from './outcome.ts';
import { absent, compared, differs, notConfigured } from './outcome.ts';
import type { Platform } from './platform.ts';

/** Membership in Authentik: direct for the groups of the role, by any chain of parents for the login. */
export async function verifyAuthentikGroups(platform: Platform, spec: SpecOf<'authentik-groups'>): Promise<Outcome> {
  const authentik = await platform.authentik();
  if (authentik === undefined) return notConfigured('not asked: no API token (authentik.url and authentik.token)');
  const account = await findByEmail(platform.clients, authentik.api, spec.email);
  if (account === undefined) return absent(`Authentik has no account with the e-mail ${spec.email}`);
  const direct = authentik.groups.filter((group) => account.groups.includes(group.id)).map((group) => group.name);
  const reached = groupNames(account, authentik.groups);
  const unreached = spec.reached.filter((name) => !reached.has(name));
  const outcome = compared(
    [
      account.active ? undefined : 'the account is not active',
      differs('its e-mail', account.email, spec.email),
      ...spec.groups.map((name) => (direct.includes(name) ? undefined : `not a member of ${name}`)),
    ],
    [...spec.groups, ...spec.reached].join(', '),
  );
  if (unreached.length === 0) return outcome;
  const noLogin = unreached.map((name) => `not a member of ${name} or of a child of it: no login to Vault`);
  if (outcome.verdict === 'FAIL') return { ...outcome, detail: [outcome.detail, ...noLogin].join('; ') };
  const hint = unreached.map((name) => joinOneOf(spec.email, name, childrenOf(name, authentik.groups))).join('; ');
  return { verdict: 'FAIL', detail: noLogin.join('; '), absent: false, reason: 'by-hand', hint };
}

/** Which of the groups is a person's choice: each opens more than the login. */
function joinOneOf(email: string, name: string, children: readonly AuthentikGroup[]): string {
  const [first] = children;
  const which =
    first === undefined ? name : `a child of "${name}": ${children.map((child) => child.name).join(' or ')}`;
  return `add ${email} to ${which}`;
}

type DnsRecords = {
  readonly zoneName: string | undefined;
  readonly records: readonly Readonly<Record<string, unknown>>[];
};

/** A proxied CNAME of its own. The wildcard answers for every name, so only the API can tell. */
export async function verifyDnsRecord(platform: Platform, spec: SpecOf<'dns-record'>): Promise<Outcome> {
  const { cloudflare } = platform.site.edge;
  if (cloudflare.value?.token === undefined) return notConfigured('not asked: no API token (edge.cloudflare)');
  const { url, zone, token } = cloudflare.value;
  const { zoneName, records } = await platform.once('cloudflare', async () => {
    const api: JsonApi = {
      name: 'Cloudflare',
      code: 'cloudflare',
      base: url.replace(/\/+$/, '').replace(/(\/client\/v4)?$/, '/client/v4'),
      token: { scheme: 'Bearer', value: await platform.clients.tokens.resolve(token, 'edge.cloudflare.token') },
      tokenSetting: 'edge.cloudflare.token',
    };
    return readZone(platform, api, zone);
  });
  const record = records.find(({ name }) => name === spec.label || name === `${spec.label}.${zoneName}`);
  if (record === undefined) return absent('no record of its own; the wildcard answers instead');
  return compared(
    [
      differs('its type', record.type, 'CNAME'),
      record.proxied === true ? undefined : 'it is not proxied: it shows the tunnel’s address',
      differs('its target', record.content, target(records, record)),
    ],
    String(record.name),
  );
}

/** Every user's record leads where the wildcard leads; without one there is nothing to compare with. */
function target(records: DnsRecords['records'], record: Readonly<Record<string, unknown>>): string {
  const wildcard = records.find(({ name }) => name === '*' || String(name).startsWith('*.'));
  return String(wildcard?.content ?? record.content);
}

/** All records of a zone, given by id or by name. A token that may not read the zone itself still shows its records. */
async function readZone(platform: Platform, api: JsonApi, zone: string): Promise<DnsRecords> {
  const byName = zone.includes('.');
  const id = byName ? await zoneId(platform, api, zone) : zone;
  const records: Readonly<Record<string, unknown>>[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const path = `/zones/${encodeURIComponent(id)}/dns_records?per_page=1000&page=${page}`;
    const { body } = await askApi(platform.clients, api, 'GET', path);
    const results = asRecords(asRecord(body)?.result);
    if (results === undefined) throw malformed(api, path, 'a list of records');
    records.push(...results);
    pages = Number(asRecord(asRecord(body)?.result_info)?.total_pages ?? 1);
  }
  return { zoneName: byName ? zone : sharedSuffix(records.map(({ name }) => String(name))), records };
}

async function zoneId(platform: Platform, api: JsonApi, name: string): Promise<string> {
  const path = `/zones?name=${encodeURIComponent(name)}`;
  const { body } = await askApi(platform.clients, api, 'GET', path);
  const id = asRecords(asRecord(body)?.result)?.[0]?.id;
  if (typeof id !== 'string') throw malformed(api, path, `a zone ${name}`);
  return id;
}

/** The name of a zone, told by its wildcard, else by the shortest name in it: everything in a zone ends in the same labels. */
function sharedSuffix(names: readonly string[]): string | undefined {
  const wildcard = names.filter((name) => name.startsWith('*.')).sort((a, b) => a.length - b.length)[0];
  if (wildcard !== undefined) return wildcard.slice(2);
  const shortest = [...names].sort((a, b) => a.split('.').length - b.split('.').length)[0];
  if (shortest === undefined) return undefined;
  return names.every((name) => name === shortest || name.endsWith(`.${shortest}`)) && names.length > 1
    ? shortest
    : shortest.split('.').slice(1).join('.');
}
