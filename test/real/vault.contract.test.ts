import { describe } from 'vitest';
import { describeRealVault } from '../contract/vault.real.ts';
import { skipReason } from './harness/tools.ts';
import { startVault } from './harness/vault.ts';

const reason = skipReason('vault');
if (reason !== undefined) console.warn(`vault.contract.test.ts is skipped: ${reason}`);

describe.skipIf(reason !== undefined)('vault', () => {
  describeRealVault((options) => startVault(options));
});
