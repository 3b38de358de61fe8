import { InfraError } from '../../lib/errors.ts';
import type { World } from '../world.ts';
import type { Setting } from './authentik/build.ts';

/** A world as `infra sandbox --list` shows it: what one would notice, never why. */
export type WorldEntry = {
  readonly name: string;
  readonly symptom: string;
  /** `seed` varies names, counts, clocks, order and unrelated warnings; `now` is what ages count from. */
  readonly load: (setting?: Setting) => Promise<World>;
};

/** All worlds, in the order of the list. Each is loaded only when it is played. */
export const WORLDS: readonly WorldEntry[] = [
  {
    name: 'healthy',
    symptom: 'nothing is wrong: four users, seven stacks, every plan is clean',
    load: async (setting) => (await import('./healthy.ts')).healthyWorld(setting),
  },
  {
    name: 'healthy-documented',
    symptom: 'nothing is wrong, and the stack platform still holds RBAC and DNS',
    load: async (setting) => (await import('./healthy-documented.ts')).healthyDocumented(setting),
  },
];

/** Loads a world by name. Errors: `sandbox.no-such-world` (64). */
export async function loadWorld(name: string, setting?: Setting): Promise<World> {
  const entry = WORLDS.find((each) => each.name === name);
  if (entry === undefined) {
    throw new InfraError('sandbox.no-such-world', 'usage', `There is no world "${name}".`, {
      hints: [`Worlds: ${WORLDS.map((each) => each.name).join(', ')}`, 'infra sandbox --list'],
    });
  }
  return entry.load(setting);
}
