import type { Host } from './host.ts';

/** Environment variables whose value must never be printed; those that name a file are not secret. */
const SECRET_NAME = /(TOKEN|PASSW|SECRET|CREDENTIAL|CONN_STR|API_?KEY|ACCESS_KEY|PRIVATE_KEY|AGE_KEY)/i;
const FILE_NAME = /_(FILE|PATH|DIR|CMD)$/i;

/** Values of the environment that are secrets. */
export function secretsOf(env: Host['env']): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && SECRET_NAME.test(name) && !FILE_NAME.test(name) ? [value] : [],
  );
}
