import type { TokenReference } from '../../site/site.ts';
import { type Answer, type Check, fail, pass, skip, unknown, type World } from '../check.ts';

/** The Authentik API: groups are set there. Without it they stay a task by hand. */
export const authentik: Check = {
  id: 'services.authentik',
  title: 'Authentik API',
  group: 'services',
  needs: 'site',
  run: async (world, site) => {
    const { url, token } = site.authentik;
    if (url.value === undefined) return skip('not configured (authentik.url): groups are set by hand');
    if (token.value === undefined) return skip('not configured (authentik.token): groups are set by hand');
    return ask(world, {
      setting: 'authentik',
      url: url.value,
      path: '/api/v3/core/users/me/',
      scheme: 'Bearer',
      token: token.value,
    });
  },
};

/** The Forgejo API: it tells whether a login is taken by somebody. */
export const forgejo: Check = {
  id: 'services.forgejo',
  title: 'Forgejo API',
  group: 'services',
  needs: 'site',
  run: async (world, site) => {
    const api = site.users.forgejo.value;
    if (api === undefined) return skip('not configured (users.forgejo): logins are checked by hand');
    if (api.token === undefined) return ask(world, { setting: 'users.forgejo', url: api.url, path: '/api/v1/version' });
    return ask(world, {
      setting: 'users.forgejo',
      url: api.url,
      path: '/api/v1/user',
      scheme: 'token',
      token: api.token,
    });
  },
};

type Question = {
  readonly setting: string;
  readonly url: string;
  readonly path: string;
  readonly scheme?: 'Bearer' | 'token';
  readonly token?: TokenReference;
};

async function ask(world: World, { setting, url, path, scheme, token }: Question): Promise<Answer> {
  // Asking for the token is what refuses an address that nobody accepted: config.untrusted.
  const secret =
    token === undefined ? undefined : await (await world.client('tokens')).resolve(token, `${setting}.token`);
  const http = await world.client('http');
  const whole = `${url.replace(/\/+$/, '')}${path}`;
  const answer = await http.json({
    method: 'GET',
    url: whole,
    timeoutMs: 8000,
    ...(secret === undefined || scheme === undefined ? {} : { token: { scheme, value: secret } }),
  });
  const command = `curl -sS -o /dev/null -w '%{http_code}' ${whole}`;
  if (answer.status === 200)
    return pass(`${url} answers${token === undefined ? '' : ' and takes the token'}`, { command });
  if (answer.status === 401 || answer.status === 403) {
    return fail(
      `${whole} answers ${answer.status}: the token is not taken`,
      `Correct ${setting}.token in infra.yaml, or the token it points to.`,
      { command },
    );
  }
  return unknown(`${whole} answers ${answer.status}`, `http-${answer.status}`, { command });
}
