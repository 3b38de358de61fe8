import { isInfraError } from '../errors.ts';
import { effectiveSite } from '../site/effective.ts';
import type { Site } from '../site/site.ts';
import type { Context } from './context.ts';

/** The site, or outside of any repository one that has every default: a runbook can be read anywhere. */
export async function shownSite(context: Context): Promise<Site> {
  try {
    return await context.site('read');
  } catch (error) {
    if (isInfraError(error, 'config.no-repository')) return defaultSite();
    throw error;
  }
}

/** A site of which nothing is known. */
export function defaultSite(): Site {
  return effectiveSite({
    root: { value: '.', source: 'default' },
    file: undefined,
    document: {},
    place: () => ({ line: 1, column: 1 }),
    discovered: {
      tier0: undefined,
      guards: undefined,
      vaultAddress: undefined,
      pgCredentials: undefined,
      pgAddress: undefined,
      kubeconfig: undefined,
    },
    env: {},
  });
}
