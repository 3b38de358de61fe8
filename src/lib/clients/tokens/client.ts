import type { Secret } from '../../secrets/secret.ts';
import type { TokenReference } from '../../site/site.ts';

/**
 * Tokens of optional APIs, found where infra.yaml says. `setting` names the place in infra.yaml, for messages.
 * Errors: `token.missing` (77) when nothing usable is there, `token.bad-reference` (78), those of `Files` and `Vault`.
 */
export type Tokens = { resolve(reference: TokenReference, setting: string): Promise<Secret> };
