import { BUDGETS } from '../../../clients/kubernetes/kinds.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { mayList } from '../../evidence/needs.ts';
import { number, record } from '../../evidence/shape.ts';
import { count, some } from '../../words.ts';

/** A PodDisruptionBudget and what it allows now. */
export type BudgetFact = {
  readonly name: string;
  readonly allowed: number;
  readonly healthy: number;
  readonly desired: number;
  readonly expected: number;
};

/** Whether one node can be drained without taking logins away. */
export const serverBudgets: Probe<readonly BudgetFact[]> = {
  id: 'authentik.server.budgets',
  title: 'disruption budgets',
  layer: 'server',
  needs: (site) => [mayList(BUDGETS, site.authentik.namespace.value)],
  kind: 'passive',
  cost: '1 list of PodDisruptionBudgets',
  question: 'May one pod of each part be moved, and not two?',
  why: 'A budget that allows nothing blocks every drain; without one a drain takes all at once. Prometheus does not keep these figures, so no alert tells.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get pdb`,
  healthy: 'ALLOWED DISRUPTIONS 1 for server, worker and pgbouncer.',
  failures: [
    { code: 'server.budget-exhausted', meaning: 'Not one pod may be moved: fewer are healthy than the budget wants.' },
    { code: 'server.no-budget', meaning: 'A drain may take all pods at once.' },
  ],

  async collect({ client, site }) {
    const found = await (await client('kubernetes')).list(BUDGETS, { namespace: site.authentik.namespace.value });
    return found.map((budget) => {
      const status = record(budget.status);
      return {
        name: budget.metadata.name,
        allowed: number(status.disruptionsAllowed) ?? 0,
        healthy: number(status.currentHealthy) ?? 0,
        desired: number(status.desiredHealthy) ?? 0,
        expected: number(status.expectedPods) ?? 0,
      };
    });
  },

  judge(budgets): Judgement {
    if (budgets.length === 0)
      return { verdict: 'WARN', detail: 'no budget at all', observations: [{ code: 'server.no-budget' }] };
    const spent = budgets.filter(({ allowed, expected }) => allowed === 0 && expected > 0);
    if (spent.length === 0) {
      return { verdict: 'PASS', detail: `${count(budgets.length, 'budget')}, each allows at least one disruption` };
    }
    const words = spent.map(({ name, healthy, desired }) => `${name}: ${healthy} healthy, ${desired} wanted`);
    return {
      verdict: 'WARN',
      detail: some(words),
      observations: spent.map(({ name }) => ({ code: 'server.budget-exhausted', subject: name })),
    };
  },
};
