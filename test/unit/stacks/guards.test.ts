import { describe, expect, it } from 'vitest';
import { guardPlan, needsConfirmation } from '../../../src/lib/stacks/guards/plan-guard.ts';
import { countChanges, summarisePlan } from '../../../src/lib/stacks/plan/plan-summary.ts';
import type { Change, PlanSummary } from '../../../src/lib/stacks/stack.ts';
import type { User } from '../../../src/lib/users/entry.ts';

function change(address: string, more: Partial<Change> = {}): Change {
  return { address, type: address.split('.')[0] ?? '', class: 'update', digest: address, namesUser: false, ...more };
}

function summary(changes: readonly Change[], more: Partial<PlanSummary> = {}): PlanSummary {
  return { changes, counts: countChanges(changes), priorResources: 10, plannedResources: 10, applyable: true, ...more };
}

describe('plan guard', () => {
  it.each(['delete', 'replace', 'forget'] as const)(
    'refuses a %s, even one that names the user and stood before',
    (kind) => {
      const plan = summary([change('x.y["alice"]', { class: kind, namesUser: true })]);
      const { refusal } = guardPlan({ stack: 'rbac', summary: plan, baseline: plan });
      expect(refusal).toMatchObject({ code: 'stack.destroy-refused', status: 'refused' });
      expect(refusal?.message).toContain(`${kind} x.y["alice"]`);
    },
  );

  it('names every address with its reason, those that hold data first', () => {
    const plan = summary([
      change('kubernetes_secret.a', {
        class: 'replace',
        reason: 'replace_because_cannot_update',
        replacePaths: ['type'],
      }),
      change('kubernetes_namespace.b', { class: 'delete', reason: 'delete_because_each_key' }),
      change('kubernetes_persistent_volume_claim_v1.c', { class: 'forget' }),
      change('vault_transit_secret_backend_key.d', { class: 'delete' }),
    ]);
    expect(guardPlan({ stack: 'rbac', summary: plan }).refusal?.violations.map(({ message }) => message)).toEqual([
      'delete kubernetes_namespace.b (holds data; delete because each key)',
      'forget kubernetes_persistent_volume_claim_v1.c (holds data)',
      'delete vault_transit_secret_backend_key.d (holds data)',
      'replace kubernetes_secret.a (replace because cannot update; because of type)',
    ]);
  });

  it('refuses an empty state of a stack that was applied before, and accepts it for one that never was', () => {
    const plan = summary([change('a.b["alice"]', { class: 'create', namesUser: true })], {
      priorResources: 0,
      plannedResources: 1,
    });
    const applied = guardPlan({ stack: 'vault', summary: plan, appliedBefore: { seen: ['its state file is in git'] } });
    expect(applied.refusal).toMatchObject({ code: 'stack.state-lost', status: 'refused' });
    expect(applied.refusal?.message).toContain('its state file is in git');
    expect(guardPlan({ stack: 'vault', summary: plan, appliedBefore: { seen: [] } }).refusal).toBeUndefined();
  });

  it('does not take an empty shell for a lost state', () => {
    const shell = summary([], { priorResources: 0, plannedResources: 0 });
    expect(
      guardPlan({ stack: 'platform', summary: shell, appliedBefore: { seen: ['journal'] } }).refusal,
    ).toBeUndefined();
  });

  it('refuses a plan that creates more than half of the resources for nobody, at exactly the half not', () => {
    const creates = (count: number): readonly Change[] =>
      Array.from({ length: count }, (_, index) => change(`a.b${index}`, { class: 'create' }));
    expect(guardPlan({ stack: 's', summary: summary(creates(6)) }).refusal?.code).toBe('stack.state-lost');
    expect(guardPlan({ stack: 's', summary: summary(creates(5)) }).refusal).toBeUndefined();
  });

  it('parts changes into the user, what stood before, and the rest; reads change nothing', () => {
    const drift = change('x.drift');
    const plan = summary([
      change('x.u', { namesUser: true }),
      drift,
      change('x.new'),
      change('data.r', { class: 'read' }),
    ]);
    const verdict = guardPlan({
      stack: 's',
      summary: plan,
      baseline: summary([drift, change('x.new', { digest: 'other' })]),
    });
    expect(verdict.user.map(({ address }) => address)).toEqual(['x.u']);
    expect(verdict.standing).toEqual([drift]);
    expect(verdict.unrelated.map(({ address }) => address)).toEqual(['x.new']);
    expect(needsConfirmation(verdict)).toBe(true);
    expect(needsConfirmation(guardPlan({ stack: 's', summary: summary([change('x.u', { namesUser: true })]) }))).toBe(
      false,
    );
  });

  it('counts everything that does not name the user as unrelated when there is no baseline', () => {
    expect(guardPlan({ stack: 's', summary: summary([change('x.a')]) }).unrelated).toHaveLength(1);
  });

  it('recognises standing drift inside a shared object to which the user was added since', () => {
    const user: User = {
      name: 'alice',
      entry: { role: 'admin', email: 'a@x', namespaces: [], domains: [], quota: {} },
    };
    const plan = (after: string): PlanSummary =>
      summarisePlan(
        {
          format_version: '1.2',
          resource_changes: [
            {
              address: 'x.admins',
              type: 'x',
              change: { actions: ['update'], before: { v: 'viktor' }, after: { v: after }, after_unknown: {} },
            },
          ],
          planned_values: { root_module: { resources: [{ mode: 'managed' }] } },
        },
        user,
      );
    const baseline = plan('viktor,bob');
    expect(guardPlan({ stack: 's', summary: plan('viktor,bob,alice'), baseline }).standing).toHaveLength(1);
    expect(guardPlan({ stack: 's', summary: plan('viktor,bob,alice,mallory'), baseline }).unrelated).toHaveLength(1);
  });
});
