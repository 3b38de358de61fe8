/** The table that the pg backend keeps states in, unless a stack says otherwise. */
export const STATES_TABLE = 'states';

/** Terraform's lock for making a state, one for the whole database (internal/backend/remote-state/pg/client.go). */
export const SHARED_CREATION_KEY = '-1';

/**
 * OpenTofu's lock for making a state, since 1.10 one a schema: minus the 32-bit FNV-1 hash of schema, NUL, table
 * (internal/backend/remote-state/pg/client.go, composeCreationLockID).
 */
export function creationKey(schema: string, table = STATES_TABLE): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${schema}\0${table}`)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return String(-hash);
}
