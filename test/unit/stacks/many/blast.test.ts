import { describe, expect, it } from 'vitest';
import { InfraError } from '../../../../src/lib/errors.ts';
import { blastOf } from '../../../../src/lib/stacks/many/blast.ts';
import type { PlannedReport } from '../../../../src/lib/stacks/many/report.ts';
import { summarisePlan } from '../../../../src/lib/stacks/plan/plan-summary.ts';
import { makeSite } from '../support/site.ts';

const meta = (namespace: string, name = 'app') => ({ metadata: [{ name, namespace }] });

/** The report of a plan with these changes: type, actions, before, after. */
function report(...changes: readonly (readonly [string, readonly string[], unknown, unknown])[]): PlannedReport {
  const summary = summarisePlan({
    format_version: '1.2',
    applyable: true,
    resource_changes: changes.map(([type, actions, before, after], at) => ({
      address: `${type}.r${at}`,
      mode: 'managed',
      type,
      change: { actions, before, after, after_unknown: {} },
    })),
  });
  const stack = { name: 's', folder: '/s', tier: 1, dependencies: [], readsUsers: false, empty: false } as const;
  return {
    stack,
    wave: 0,
    state: 'changes',
    summary,
    guarded: [],
    provisional: [],
    blockedBy: [],
    error: undefined,
    durationMs: 0,
  };
}

const ingress = (host: string) => ({ metadata: { name: 'i' }, spec: { rules: [{ host }] } });
const contextWith = (list: (kind: unknown, options: { readonly namespace: string }) => Promise<readonly unknown[]>) =>
  ({ clients: { kubernetes: { list } }, site: makeSite({ root: '/repo' }) }) as never;
const none = contextWith(async () => []);

describe('who may notice', () => {
  it('is nobody when objects are only made', async () => {
    const blast = await blastOf(none, [
      report(['kubernetes_deployment', ['create'], null, { ...meta('web'), spec: [{}] }]),
    ]);
    expect(blast).toEqual({ namespaces: [], restarts: [], hosts: [], sessions: [], unknown: undefined });
  });

  it('is whoever uses a host of a namespace in which pods are replaced', async () => {
    const asked: string[] = [];
    const context = contextWith(async (_kind, { namespace }) => {
      asked.push(namespace);
      return [ingress('web.example.com'), ingress('api.example.com')];
    });
    const blast = await blastOf(context, [
      report(
        [
          'kubernetes_deployment',
          ['update'],
          { ...meta('web'), spec: [{ replicas: 1 }] },
          { ...meta('web'), spec: [{ replicas: 2 }] },
        ],
        ['kubernetes_config_map', ['update'], meta('other'), { ...meta('other'), data: {} }],
      ),
    ]);
    expect(blast).toMatchObject({
      namespaces: ['other', 'web'],
      restarts: ['deployment web/app'],
      hosts: ['api.example.com', 'web.example.com'],
    });
    expect(asked).toEqual(['web']);
  });

  it('is whoever uses a host whose Ingress changes, without asking the cluster', async () => {
    const rule = (host: string) => ({ ...meta('web'), spec: [{ rule: [{ host }] }] });
    const blast = await blastOf(none, [
      report(['kubernetes_ingress_v1', ['update'], rule('old.example.com'), rule('new.example.com')]),
    ]);
    expect(blast).toMatchObject({ hosts: ['new.example.com', 'old.example.com'], restarts: [] });
  });

  it('is everybody who is signed in when Authentik restarts', async () => {
    const release = { name: 'authentik', namespace: 'authentik', version: '1' };
    const blast = await blastOf(none, [report(['helm_release', ['update'], release, { ...release, version: '2' }])]);
    expect(blast.restarts).toEqual(['helm_release authentik/authentik']);
    expect(blast.sessions).toEqual([expect.stringContaining('Signing in stops')]);
  });

  it('says what it could not ask instead of leaving it out', async () => {
    const denied = contextWith(async () =>
      Promise.reject(new InfraError('kubernetes.denied', 'denied', 'may not list ingresses')),
    );
    const deployment = (replicas: number) => ({ ...meta('web'), spec: [{ replicas }] });
    const blast = await blastOf(denied, [report(['kubernetes_deployment', ['update'], deployment(1), deployment(2)])]);
    expect(blast).toMatchObject({ hosts: [], unknown: 'hosts of web: may not list ingresses' });
  });
});
