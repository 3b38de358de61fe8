import type { Clients } from '../clients/clients.ts';
import type { Site } from '../site/site.ts';
import { askApi, asRecord, malformed } from './json-api.ts';

/** Whether the login exists; `not-configured` when infra.yaml names no Forgejo. */
export type ForgejoLogin = 'exists' | 'absent' | 'not-configured';

/**
 * Asks Forgejo for a login. An absent one may be registered by anybody, who would then be a Woodpecker admin.
 * Errors: those of `Http` and `Tokens`, `forgejo.denied` (77), `forgejo.failed` (69), `forgejo.malformed` (69).
 */
export async function forgejoLogin(
  clients: Pick<Clients, 'http' | 'tokens'>,
  site: Site,
  login: string,
): Promise<ForgejoLogin> {
  const forgejo = site.users.forgejo.value;
  if (forgejo === undefined) return 'not-configured';
  const value =
    forgejo.token === undefined ? undefined : await clients.tokens.resolve(forgejo.token, 'users.forgejo.token');
  const api = {
    name: 'Forgejo',
    code: 'forgejo',
    base: `${forgejo.url.replace(/\/+$/, '')}/api/v1`,
    token: value === undefined ? undefined : ({ scheme: 'token', value } as const),
    tokenSetting: 'users.forgejo.token',
  };
  const path = `/users/${encodeURIComponent(login)}`;
  const answer = await askApi(clients, api, 'GET', path);
  const found = asRecord(answer.body)?.login;
  if (answer.status === 404) {
    // Forgejo answers 404 as JSON with a message; a 404 without one comes from something in front of it.
    if (typeof asRecord(answer.body)?.message === 'string') return 'absent';
    throw malformed(api, path, 'a message');
  }
  if (typeof found !== 'string' || found.toLowerCase() !== login.toLowerCase())
    throw malformed(api, path, 'that login');
  return 'exists';
}
