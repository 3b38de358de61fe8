import { type Answer, type Exchange, jsonAnswer } from '../http/exchange.ts';
import { stableUuid } from '../vault/state.ts';

/** An outpost as authentik's own database knows it. */
export type AuthentikOutpost = {
  readonly name: string;
  readonly pk?: string;
  /** `goauthentik.io/outposts/embedded` for the embedded one; it decides where sessions are kept. */
  readonly managed: string | null;
  readonly logLevel: string;
  readonly providers: readonly number[];
  readonly kubernetesJsonPatches: Readonly<Record<string, readonly unknown[]>> | null;
};

/** A proxy provider; `validity` is `hours=168`. */
export type AuthentikProvider = {
  readonly pk: number;
  readonly name: string;
  readonly validity: string;
  readonly externalHost: string;
};

/** A login, for the event log. */
export type AuthentikEvent = { readonly secondsAgo: number; readonly username: string; readonly application: string };

/** Outposts, providers and events; read only. */
export type AuthentikRecords = {
  readonly outposts: readonly AuthentikOutpost[];
  readonly providers: readonly AuthentikProvider[];
  readonly events: readonly AuthentikEvent[];
};

/** The read-only parts of API v3 about proxies; undefined for another path. */
export function recordsAnswer(records: AuthentikRecords, ask: Exchange): Answer | undefined {
  const one = /^\/api\/v3\/outposts\/instances\/([^/]+)\/$/.exec(ask.path)?.[1];
  if (one !== undefined) {
    const outpost = records.outposts.find((each) => (each.pk ?? stableUuid(each.name)) === one);
    return outpost === undefined ? notFound() : jsonAnswer(200, JSON.stringify(describeOutpost(records, outpost)));
  }
  switch (ask.path) {
    case '/api/v3/outposts/instances/':
      return page(records.outposts.map((outpost) => describeOutpost(records, outpost)));
    case '/api/v3/providers/proxy/':
      return page(records.providers.map(describeProvider));
    case '/api/v3/events/events/':
      return page(eventsOf(records, ask.query.get('action')).slice(0, Number(ask.query.get('page_size') ?? 100)));
    default:
      return undefined;
  }
}

function describeOutpost(records: AuthentikRecords, outpost: AuthentikOutpost): Record<string, unknown> {
  return {
    pk: outpost.pk ?? stableUuid(outpost.name),
    name: outpost.name,
    type: 'proxy',
    providers: outpost.providers,
    providers_obj: records.providers.filter(({ pk }) => outpost.providers.includes(pk)).map(describeProvider),
    service_connection: stableUuid('local'),
    refresh_interval_s: 300,
    token_identifier: `ak-outpost-${stableUuid(outpost.name)}-api`,
    managed: outpost.managed,
    config: {
      log_level: outpost.logLevel,
      authentik_host: 'https://authentik.sandbox.test/',
      object_naming_template: 'ak-outpost-%(name)s',
      kubernetes_namespace: 'authentik',
      kubernetes_json_patches: outpost.kubernetesJsonPatches,
      refresh_interval: 'minutes=5',
    },
  };
}

function describeProvider(provider: AuthentikProvider): Record<string, unknown> {
  return {
    pk: provider.pk,
    name: provider.name,
    external_host: provider.externalHost,
    mode: 'forward_domain',
    cookie_domain: 'sandbox.test',
    access_token_validity: provider.validity,
    refresh_token_validity: 'days=30',
  };
}

function eventsOf(records: AuthentikRecords, action: string | null): readonly Record<string, unknown>[] {
  if (action !== null && action !== 'authorize_application') return [];
  return records.events
    .toSorted((a, b) => a.secondsAgo - b.secondsAgo)
    .map(({ secondsAgo, username, application }) => ({
      pk: stableUuid(`${username} ${application} ${secondsAgo}`),
      user: { pk: 1, username, email: username },
      action: 'authorize_application',
      app: 'authentik.providers.oauth2.views.authorize',
      context: { authorized_application: { name: application, model_name: 'application' } },
      client_ip: '192.0.2.44',
      created: new Date(Date.now() - secondsAgo * 1000).toISOString(),
    }));
}

function page(results: readonly unknown[]): Answer {
  const pagination = { next: 0, previous: 0, count: results.length, current: 1, total_pages: 1 };
  return jsonAnswer(
    200,
    JSON.stringify({ pagination: { ...pagination, start_index: 1, end_index: results.length }, results }),
  );
}

function notFound(): Answer {
  return jsonAnswer(404, '{"detail":"No Outpost matches the given query."}');
}
