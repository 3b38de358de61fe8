import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';

/** `{state: "answer" | "nxdomain" | "no-data", records}`. */
export const dns: Kind<KindOptions<'dns'>> = {
  kind: 'passive',
  cost: '1 question to a name server',
  needs: () => [],
  async collect({ name, type, server }, { client }) {
    const where = server === undefined ? {} : { server };
    const answer = await (await client('dns')).resolve({ name, type, ...where, timeoutMs: 5000 });
    return { state: answer.state, records: answer.state === 'answer' ? [...answer.records] : [] };
  },
};
