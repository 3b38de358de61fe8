import { afterAll, beforeAll, describe, test } from 'vitest';
import { makePostgres } from '../../src/lib/clients/postgres/live.ts';
import { postgresCases } from '../contract/postgres-cases.ts';
import { type Postgres, startPostgres } from './harness/postgres.ts';
import { skipReason } from './harness/tools.ts';

const reason = skipReason('postgres', 'initdb', 'psql');
if (reason !== undefined) console.warn(`postgres.contract.test.ts is skipped: ${reason}`);

describe.skipIf(reason !== undefined)('PostgreSQL contract', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  for (const one of postgresCases) {
    test(one.name, () => one.run({ client: makePostgres({ loopbackOnly: true }), url: postgres.url }));
  }
});
