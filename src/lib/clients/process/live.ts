import { hostname } from 'node:os';
import { InfraError } from '../../errors.ts';
import { makeRedactor, type Redactor } from '../../secrets/redaction.ts';
import { readCapacity } from './capacity.ts';
import type { Processes, ProcessIdentity } from './client.ts';
import type { Environment } from './environment.ts';
import { holdToEnd } from './hold.ts';
import { identify, judgeLiveness, linuxTable, type ProcessTable, psTable } from './identity.ts';
import { findProgram } from './path.ts';
import { type ProcessContext, runToEnd } from './run.ts';

/** What the client needs to know; all but `env` has a default. `maxOutput` is in characters, for each stream. */
export type ProcessesOptions = {
  readonly env: Environment;
  readonly cwd?: string;
  readonly redactor?: Redactor;
  readonly table?: ProcessTable;
  readonly maxOutput?: number;
};

const MAX_OUTPUT = 128 * 1024 * 1024;

/** Programs as real children. `env` is the whole environment that children see, nothing is added from elsewhere. */
export function makeProcesses(options: ProcessesOptions): Processes {
  const host = hostname();
  const table = options.table ?? (process.platform === 'linux' ? linuxTable : psTable);
  const context: ProcessContext = {
    env: options.env,
    cwd: options.cwd ?? process.cwd(),
    redactor: options.redactor ?? makeRedactor(),
    host,
    maxOutput: options.maxOutput ?? MAX_OUTPUT,
  };
  let own: Promise<ProcessIdentity> | undefined;
  return {
    run: (command, runOptions) => runToEnd(context, command, runOptions),
    hold: (command, holdOptions) => holdToEnd(context, table, command, holdOptions),
    which: (program) => findProgram(program, context.env.PATH, context.cwd),
    capacity: readCapacity,
    liveness: (identity) => judgeLiveness(identity, host, table),
    // It stays the same for as long as infra runs.
    self: () => {
      own ??= ownIdentity(host, table);
      return own;
    },
  };
}

async function ownIdentity(host: string, table: ProcessTable): Promise<ProcessIdentity> {
  const own = await identify(process.pid, host, table);
  if (own !== undefined) return own;
  throw new InfraError(
    'process.no-table',
    'config',
    'Cannot read the process table: infra does not find itself in it.',
  );
}
