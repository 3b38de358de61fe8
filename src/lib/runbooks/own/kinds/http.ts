import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';

const BODY = 4096;

/** `{status, headers, body, ms}` of one GET without any cookie; redirects are not followed. */
export const http: Kind<KindOptions<'http'>> = {
  kind: 'request',
  cost: '1 request to the application',
  needs: () => [],
  async collect({ url, connectTo }, { client, signal }) {
    const web = await client('web');
    const where = connectTo === undefined ? {} : { connectTo };
    const answer = await web.get({ url, ...where, signal, timeoutMs: 8000, maxBodyBytes: BODY });
    return { status: answer.status, headers: { ...answer.headers }, body: answer.body, ms: Math.round(answer.ms) };
  },
};
