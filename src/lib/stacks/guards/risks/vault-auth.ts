import type { ResourceChange } from '../../plan/plan-document.ts';
import type { Risk } from '../../stack.ts';

/** Auth methods of Vault, their configuration and their roles, whatever the method (provider hashicorp/vault). */
const AUTH = /^vault_(auth_backend|\w+_auth_backend(_\w+)?)$/;

/** An auth method that is changed wrongly locks out everybody who logs in by it, pipelines and this command too. */
export function vaultAuthRisk({ type, change }: ResourceChange): Risk | undefined {
  if (!AUTH.test(type) || !change.actions.includes('update')) return undefined;
  return { code: 'stack.vault-auth-change', because: 'whoever logs in to Vault by it may be locked out' };
}
