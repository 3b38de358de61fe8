import type { TokenSources } from '../vault/resolve-token-reference.ts';
import { resolveTokenReference } from '../vault/resolve-token-reference.ts';
import type { Tokens } from './client.ts';

/** Tokens from the environment, files and Vault, each looked up when it is first needed. */
export function makeTokens(sources: TokenSources): Tokens {
  return { resolve: (reference, setting) => resolveTokenReference(reference, setting, sources) };
}
