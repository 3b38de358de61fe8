import { notConfigured } from '../../../diagnosis/no-answer.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import { authentikApi } from '../../../users/authentik.ts';
import { askApi, asRecord, asRecords, malformed } from '../../../users/json-api.ts';
import type { Loose } from '../../evidence/shape.ts';

/**
 * The results of one page of Authentik's API. Errors: `diagnosis.not-configured` without address or token, those of
 * `askApi`, `authentik.malformed`.
 */
export async function askAuthentik({ client, site }: Ask, path: string): Promise<readonly Loose[]> {
  const clients = { tokens: await client('tokens'), http: await client('http') };
  const api = await authentikApi(clients, site);
  if (api === undefined) throw notConfigured('authentik.url or authentik.token');
  const { body } = await askApi(clients, api, 'GET', path);
  const results = asRecords(asRecord(body)?.results);
  if (results === undefined) throw malformed(api, path, 'a list of results');
  return results;
}
