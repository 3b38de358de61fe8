import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../src/lib/diagnosis/json.ts';
import type { Judgements } from '../../../../src/lib/diagnosis/runbook.ts';
import { CAUSES } from '../../../../src/lib/runbooks/authentik/causes/causes.ts';
import type { HopFact, LegEvidence } from '../../../../src/lib/runbooks/authentik/evidence/edge.ts';
import { scopeOf } from '../../../../src/lib/runbooks/authentik/scope.ts';
import { hop, leg, NOW, silent } from './support.ts';

type Both = { readonly publicWay: LegEvidence; readonly direct: LegEvidence; readonly caused?: readonly string[] };

const GROUPS = { a: 'embedded', b: 'embedded', c: 'public', d: 'public' };

/** Judgements of both legs; `caused` are causes that some probe saw. */
function judged({ publicWay, direct, caused = [] }: Both): Judgements {
  const answers: Readonly<Record<string, unknown>> = {
    'authentik.edge.hosts': { source: 'ingresses', hosts: Object.keys(GROUPS), by: GROUPS },
    'authentik.edge.cloudflare': publicWay,
    'authentik.edge.direct': direct,
  };
  return {
    ...{ all: [], options: {}, at: NOW, of: () => undefined, observed: () => [] },
    verdict: (id) => (id === 'authentik.user.account' ? 'FAIL' : undefined),
    answer: <T extends Json>(id: string) => answers[id] as T | undefined,
    caused: (code) => (caused.includes(code) ? [{ code }] : []),
  };
}

const causeOf = (code: string) => CAUSES.find((cause) => cause.code === code) ?? expect.fail(`no cause ${code}`);
const by = (status: (host: string) => Partial<HopFact>): LegEvidence =>
  leg(...Object.keys(GROUPS).map((host) => hop(host, status(host))));

const fails = by(() => ({ status: 500 }));
const well = by(() => ({}));
const publicOutpostFails = by((host) => (host === 'c' || host === 'd' ? { status: 400 } : {}));
const oneFails = by((host) => (host === 'c' ? { status: 400 } : {}));

describe('of two faults at once each has the scope of what it breaks itself', () => {
  const both = judged({
    publicWay: fails,
    direct: oneFails,
    caused: ['edge.cloudflare', 'authentik.outpost.shm-full'],
  });

  test('a Worker that breaks every host, while an outpost fails for one straight at Traefik too', () => {
    expect(scopeOf(both, causeOf('edge.cloudflare'))).toBe('shared');
  });

  test('the outpost of that one host', () => {
    expect(scopeOf(both, causeOf('authentik.outpost.shm-full'))).toBe('per-host');
  });

  test('an outpost that everybody passes on the way to the login has no scope from what Cloudflare breaks', () => {
    const hidden = judged({
      publicWay: fails,
      direct: well,
      caused: ['edge.cloudflare', 'authentik.outpost.shm-full'],
    });
    expect(scopeOf(hidden, causeOf('authentik.outpost.shm-full'))).toBeUndefined();
  });

  test('an account without a group beside a platform that fails stays one person’s trouble', () => {
    expect(scopeOf(both, causeOf('authentik.user.not-in-group'))).toBe('per-user');
  });
});

test('what fails the same by both ways is not Cloudflare’s doing', () => {
  const worker = by((host) => (host === 'a' ? { status: 500 } : host === 'c' ? { status: 400 } : {}));
  expect(scopeOf(judged({ publicWay: worker, direct: oneFails }), causeOf('edge.cloudflare'))).toBe('per-host');
  expect(scopeOf(judged({ publicWay: oneFails, direct: oneFails }), causeOf('edge.cloudflare'))).toBeUndefined();
});

test('all hosts of one outpost are what they share, and its other outpost is no counterexample', () => {
  const down = judged({ publicWay: publicOutpostFails, direct: publicOutpostFails });
  expect(scopeOf(down, causeOf('authentik.outpost.down'))).toBe('shared');
});

test('nobody at Traefik’s address hits all who go there, and says nothing about what is behind it', () => {
  const silence = leg(silent('a'), silent('b'));
  expect(scopeOf(judged({ publicWay: well, direct: silence }), causeOf('edge.load-balancer'))).toBe('shared');
  const publicShows = judged({ publicWay: publicOutpostFails, direct: silence });
  expect(scopeOf(publicShows, causeOf('authentik.outpost.down'))).toBe('shared');
});

test('hosts that an outpost does not know are those hosts, whatever else fails', () => {
  const unknown = by((host) =>
    host === 'a' ? { status: 400, body: 'no app for hostname' } : host === 'b' ? {} : { status: 400 },
  );
  const two = judged({ publicWay: unknown, direct: unknown });
  expect(scopeOf(two, causeOf('authentik.outpost.unknown-host'))).toBe('per-host');
});
