import { setTimeout as sleep } from 'node:timers/promises';
import type { Outside } from './drivers.ts';
import { Diagnosed } from './failure.ts';
import type { StackFaults } from './faults.ts';
import { type Change, countChanges, type Plan } from './plan.ts';
import { driverOf } from './providers/registry.ts';
import type { Attributes, StateResource } from './resource.ts';
import { withData } from './show.ts';
import type { State } from './state.ts';
import type { ApplyAction, View } from './view.ts';

/** What apply needs from outside. `stopped` says whether an interrupt has come; `save` keeps the state after each resource. */
export type ApplyOptions = {
  readonly outside: Outside;
  readonly view: View;
  readonly save: (state: State) => void;
  readonly stopped: () => boolean;
  readonly faults: () => StackFaults;
  readonly sealVault: () => Promise<void>;
};

const LOOK_AGAIN_MS = 10;

/**
 * Carries out a plan, one resource after another, and saves the state after each. The serial goes up once. On an
 * interrupt the resource in hand is finished and the rest is left. Errors: none; failures come back as diagnostics.
 */
export async function applyPlan(plan: Plan, prior: State, options: ApplyOptions): Promise<readonly Diagnosed[]> {
  const real = plan.changes.filter((change) => change.action !== 'no-op');
  const resources = new Map(withData(prior, plan.data));
  for (const { address, found, resource } of plan.drift) {
    if (found === undefined) resources.delete(address);
    else resources.set(address, { ...resource, attributes: found });
  }
  const serial = real.length > 0 || plan.drift.length > 0 ? prior.serial + 1 : prior.serial;
  const state: State = { ...prior, serial, resources };
  const failures: Diagnosed[] = [];
  let done = 0;
  for (const change of real) {
    if (options.stopped()) break;
    const failure = await applyChange(change, resources, done, options);
    options.save(state);
    if (failure !== undefined) failures.push(failure);
    // Nothing here depends on a deletion, so tofu goes on after one that failed; what follows a failed create does not run.
    if (failure !== undefined && change.action !== 'delete') return failures;
    done += 1;
    if (options.faults().sealVaultDuringApply === true) await options.sealVault();
  }
  options.save(state);
  if (done < real.length) failures.push(new Diagnosed('execution halted'));
  if (failures.length === 0) options.view.applySummary(countChanges(real));
  return failures;
}

async function applyChange(
  change: Change,
  resources: Map<string, StateResource>,
  done: number,
  options: ApplyOptions,
): Promise<Diagnosed | undefined> {
  const steps: readonly ApplyAction[] =
    change.action === 'replace' ? ['delete', 'create'] : [change.action as ApplyAction];
  for (const step of steps) {
    const started = Date.now();
    const seconds = () => Math.floor((Date.now() - started) / 1000);
    options.view.applyStart(change, step);
    try {
      await whileSlow(options.faults);
      const { applyFailsAfter, applyFailsSaying } = options.faults();
      if (applyFailsAfter !== undefined && done >= applyFailsAfter) {
        const said = applyFailsSaying ?? 'etcdserver: request timed out';
        throw new Diagnosed('the server is currently unable to handle the request', said);
      }
      const id = await take(change, step, resources, options.outside);
      options.view.applyDone(change, step, id, seconds());
    } catch (error) {
      if (!(error instanceof Diagnosed)) throw error;
      options.view.applyErrored(change, step, seconds());
      return new Diagnosed(error.summary, error.detail, change.address);
    }
  }
  return undefined;
}

/** Waits as long as the resource is to take; once that is taken back, it goes on. */
async function whileSlow(faults: ApplyOptions['faults']): Promise<void> {
  const started = Date.now();
  while (Date.now() - started < (faults().slowApplyMs ?? 0)) await sleep(LOOK_AGAIN_MS);
}

async function take(
  change: Change,
  step: ApplyAction,
  resources: Map<string, StateResource>,
  outside: Outside,
): Promise<string> {
  const driver = driverOf(change.resource.type);
  const { address, before } = change;
  if (step === 'forget') {
    resources.delete(address);
    return String(before?.attributes.id ?? '');
  }
  if (step === 'delete') {
    await driver.remove(before?.attributes ?? {}, outside);
    resources.delete(address);
    return '';
  }
  const values = resolve(change, resources);
  const attributes =
    step === 'create'
      ? await driver.create(values, outside)
      : await driver.update(values, before?.attributes ?? {}, outside);
  resources.set(address, { ...change.resource, attributes });
  return String(attributes.id ?? '');
}

function resolve(change: Change, resources: ReadonlyMap<string, StateResource>): Attributes {
  const values: Record<string, unknown> = { ...change.after };
  for (const [name, reference] of Object.entries(change.references)) {
    values[name] = resources.get(reference.address)?.attributes[reference.attribute];
  }
  return values;
}
