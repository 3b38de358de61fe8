import { accessCases } from './vault-access-cases.ts';
import type { VaultCase } from './vault-case.ts';
import { engineCases } from './vault-engine-cases.ts';
import { kvCases } from './vault-kv-cases.ts';

/** What the Vault client relies on, whoever serves it: the stand-in of the sandbox and a real Vault alike. */
export const vaultCases: readonly VaultCase[] = [...accessCases, ...kvCases, ...engineCases];
