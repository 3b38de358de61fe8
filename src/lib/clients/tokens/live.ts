import type { TokenSources } from '../vault/resolve-token-reference.ts';
import { resolveTokenReference } from '../vault/resolve-token-reference.ts';
import type { Tokens } from './client.ts';

/** Tokens from the environment, files and Vault, each looked up when it is first needed. `onSecret` is told each. */
export function makeTokens(sources: TokenSources, onSecret: (value: string) => void = () => {}): Tokens {
  return {
    async resolve(reference, setting) {
      const token = await resolveTokenReference(reference, setting, sources);
      onSecret(token.reveal());
      return token;
    },
  };
}
