import type { WebRequest } from '../../../clients/web/client.ts';
import { reasonOf } from '../../../diagnosis/no-answer.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import { InfraError, isInfraError } from '../../../errors.ts';
import { maybe } from '../../evidence/shape.ts';

/** What a visitor without a cookie got. Only what a judgement needs; queries of redirects hold states and codes. */
export type HopFact = {
  readonly host: string;
  readonly path: string;
  readonly status?: number;
  /** Host and path of a redirect. */
  readonly location?: { readonly host: string; readonly path: string };
  /** The auth proxy's answer for a dead outpost: a password prompt. */
  readonly isFallback?: boolean;
  /** A cookie of the outpost was set. */
  readonly setsSession?: boolean;
  /** The `server` header. */
  readonly server?: string;
  /** Authentik or its outpost says so itself, in headers or in its page. */
  readonly isAuthentik?: boolean;
  /** The start of an answer that is no redirect. */
  readonly body?: string;
  readonly tls?: string;
  readonly reason?: string;
  readonly message?: string;
};

/** One protected host by one way, and where its redirect leads. */
export type HostFact = { readonly first: HopFact; readonly hops: readonly HopFact[] };

/** All hosts by one way, and the server's own word by the same way, where Authentik's host is known. */
export type LegEvidence = {
  readonly by: string;
  readonly hosts: readonly HostFact[];
  readonly ready?: HopFact;
  /** The address did not answer from here: why, and why nobody went into a pod instead, if nobody did. */
  readonly silent?: {
    readonly address: string;
    readonly reason: string;
    readonly message: string;
    readonly why?: string;
  };
};

/** What is asked by one way. `follow`: go along the first login. */
export type Visit = {
  readonly by: string;
  readonly hosts: readonly string[];
  readonly authentik: string | undefined;
  readonly dial: Dial;
  readonly follow: boolean;
  /** Every host is dialled at the same address. */
  readonly isOneAddress: boolean;
};

/** Where the server says whether it is ready. */
export const READY_PATH = '/-/health/ready/';

/** How a host is reached: an address to dial, `host:port`, or a connection that somebody else opens. */
export type Way = Pick<WebRequest, 'connectTo' | 'tunnel'>;
export type Dial = (host: string) => Promise<Way>;

/** A diagnosis is a guest: it never asks more hosts than this. */
export const MOST_HOSTS = 4;
const TIMEOUT_MS = 5000;
const BODY_BYTES = 4096;
const BODY_KEPT = 300;
/** Two ways at once, two requests a second each: together four a second. */
const PAUSE_MS = 500;
const MOST_HOPS = 3;

/**
 * Asks each host once, without any cookie, follows the first login as far as it goes without credentials, and asks the
 * server whether it is ready. Half a second lies between two requests. What has no answer is a fact of that host, not an
 * error of the leg.
 */
export async function askHosts(
  ask: Ask,
  { by, hosts, authentik, dial, follow, isOneAddress }: Visit,
): Promise<LegEvidence> {
  const clock = await ask.client('clock');
  const asked: string[] = [];
  const visit = async (url: string): Promise<Asked> => {
    if (asked.length > 0) await clock.sleep(PAUSE_MS, ask.signal);
    asked.push(url);
    return askOnce(ask, url, dial);
  };
  const facts: HostFact[] = [];
  let isFollowed = !follow;
  for (const host of hosts) {
    const first = await visit(`https://${host}/`);
    const hops: HopFact[] = [];
    let next = isFollowed ? undefined : first.next;
    while (next !== undefined && hops.length < MOST_HOPS) {
      isFollowed = true;
      const hop: Asked = await visit(next);
      hops.push(hop.fact);
      next = hop.next;
    }
    facts.push({ first: first.fact, hops });
    // Nobody there for two hosts is nobody there: each further one would only cost its time.
    if (isOneAddress && facts.length > 1 && facts.every((fact) => fact.first.status === undefined))
      return { by, hosts: facts };
  }
  if (authentik === undefined) return { by, hosts: facts };
  return { by, hosts: facts, ready: (await visit(`https://${authentik}${READY_PATH}`)).fact };
}

type Asked = { readonly fact: HopFact; readonly next?: string };

/** One GET. `next` is where a redirect leads, with its query, for the next hop only. */
async function askOnce(ask: Ask, url: string, dial: Dial): Promise<Asked> {
  const web = await ask.client('web');
  const { hostname: host, pathname: path } = new URL(url);
  try {
    const answer = await web.get({
      url,
      ...(await dial(host)),
      timeoutMs: TIMEOUT_MS,
      maxBodyBytes: BODY_BYTES,
      signal: ask.signal,
    });
    const { status, headers, body, tls } = answer;
    const target = headers.location === undefined ? undefined : parsed(headers.location, url);
    const isRedirect = status >= 300 && status < 400;
    const fact: HopFact = {
      host,
      path,
      status,
      ...maybe('location', target === undefined ? undefined : { host: target.hostname, path: target.pathname }),
      isFallback:
        headers['x-auth-fallback'] === 'true' || /realm="Emergency Access"/i.test(headers['www-authenticate'] ?? ''),
      setsSession: answer.setCookie.some((cookie) => /^authentik_proxy/i.test(cookie)),
      isAuthentik: isAuthentik(headers, body),
      ...maybe('server', headers.server),
      ...maybe('body', isRedirect || body === '' ? undefined : body.slice(0, BODY_KEPT)),
      ...maybe('tls', tls?.authorized === false ? (tls.reason ?? 'not trusted') : undefined),
    };
    return { fact, ...(isRedirect && target !== undefined ? { next: target.href } : {}) };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { fact: { host, path, reason: reasonOf(error), message: error.message } };
  }
}

function isAuthentik(headers: Readonly<Record<string, string>>, body: string): boolean {
  const policy = headers['content-security-policy'] ?? '';
  return (
    /authentik/i.test(headers['x-powered-by'] ?? '') || /authentik/i.test(policy) || /authentik|goauthentik/i.test(body)
  );
}

function parsed(location: string, base: string): URL | undefined {
  return URL.canParse(location, base) ? new URL(location, base) : undefined;
}

/** Dials what a public name server says, as a visitor does: through Cloudflare where the platform is behind it. */
export function publicDial(ask: Ask): Dial {
  const { resolver, port } = ask.site.edge;
  return async (host) => {
    const dns = await ask.client('dns');
    const answer = await dns.resolve({ name: host, type: 'A', server: resolver.value, timeoutMs: TIMEOUT_MS });
    const address = answer.state === 'answer' ? answer.records.find((record) => /^[0-9.]+$/.test(record)) : undefined;
    if (address !== undefined) return { connectTo: `${address}:${port.value}` };
    const what = answer.state === 'nxdomain' ? 'does not exist' : 'has no IPv4 address';
    throw new InfraError('authentik.edge.empty', 'unavailable', `${host} ${what}, says ${resolver.value}.`);
  };
}

/** Dials Traefik itself, whatever the host. */
export function directDial(address: string, port: number): Dial {
  const dialled =
    /:[0-9]+$/.test(address) && !address.endsWith(']') && !/^[0-9a-f:]+$/i.test(address)
      ? address
      : `${address}:${port}`;
  return async () => ({ connectTo: dialled });
}
