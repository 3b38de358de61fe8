import type { Ask } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import type { Site } from '../../../site/site.ts';
import { DATABASE_CONTAINER, PRIMARY_SELECTOR } from '../names.ts';

/** An answer of psql: rows of fields; no such table; or no connection left, which is an answer too. */
export type SqlAnswer =
  | { readonly state: 'rows'; readonly rows: readonly (readonly string[])[] }
  | { readonly state: 'no-table' }
  | { readonly state: 'exhausted'; readonly message: string };

const EXEC_MS = 8000;

/** The command line of one read; it gives up by itself after three seconds. */
export function psqlCommand(sql: string): readonly string[] {
  const plain = ['-X', '-A', '-t', '-q', '-F', ','];
  return ['psql', ...plain, '-U', 'postgres', '-d', 'authentik', '-c', "set statement_timeout = '3s'", '-c', sql];
}

/** The beginning of the same by hand. */
export function psqlByHand({ authentik }: Site): string {
  const there = `kubectl -n ${authentik.database.namespace.value}`;
  return `${there} exec $(${there} get pod -l ${PRIMARY_SELECTOR} -o name) -c ${DATABASE_CONTAINER} -- psql -U postgres`;
}

/** Runs one read in the primary, whose name may be empty when nobody knows it. Errors: `authentik.database.empty` and
 * `authentik.database.failed` (69), those of `Kubernetes.exec`. */
export async function psql(ask: Ask, pod: string, sql: string): Promise<SqlAnswer> {
  if (pod === '')
    throw new InfraError('authentik.database.empty', 'unavailable', 'There is no primary of the database to ask.');
  const kubernetes = await ask.client('kubernetes');
  const done = await kubernetes.exec(
    ask.site.authentik.database.namespace.value,
    pod,
    DATABASE_CONTAINER,
    psqlCommand(sql),
    {
      timeoutMs: EXEC_MS,
    },
  );
  if (done.exitCode === 0) {
    const lines = done.stdout.split('\n').filter((line) => line.trim() !== '');
    return { state: 'rows', rows: lines.map((line) => line.split(',')) };
  }
  const said = done.stderr.trim().split('\n')[0] ?? '';
  if (/too many clients|connection slots are reserved|remaining connection slots/i.test(done.stderr)) {
    return { state: 'exhausted', message: said.replace(/^.*FATAL:\s*/, '') };
  }
  if (/relation "[^"]+" does not exist/.test(done.stderr)) return { state: 'no-table' };
  throw new InfraError(
    'authentik.database.failed',
    'unavailable',
    `psql in ${pod} ended with ${done.exitCode}: ${said}`,
  );
}
