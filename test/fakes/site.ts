import { effectiveSite } from '../../src/lib/site/effective.ts';
import type { SiteDocument } from '../../src/lib/site/schema.ts';
import type { Site } from '../../src/lib/site/site.ts';

/** A site with every default, rooted at `root`, and what infra.yaml would say in `document`. */
export function fakeSite(root = '/repository', document: SiteDocument = {}): Site {
  return effectiveSite({
    root: { value: root, source: 'test' },
    file: undefined,
    document,
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
