import { type Handle, jsonAnswer } from '../http/exchange.ts';

/** Forgejo's API, look-up of accounts only. */
export function createForgejo(logins: readonly string[]): Handle {
  return (ask) => {
    const login = decodeURIComponent(/^\/api\/v1\/users\/([^/]+)$/.exec(ask.path)?.[1] ?? '');
    const id = logins.findIndex((each) => each.toLowerCase() === login.toLowerCase()) + 1;
    if (ask.path === '/api/v1/version') return jsonAnswer(200, '{"version":"11.0.3+gitea-1.22.0"}');
    if (id === 0) {
      return jsonAnswer(
        404,
        JSON.stringify({ errors: null, message: `user redirect does not exist [name: ${login}]`, url: '/api/swagger' }),
      );
    }
    return jsonAnswer(
      200,
      JSON.stringify({
        id,
        login: logins[id - 1],
        full_name: '',
        email: `${login}@noreply.localhost`,
        is_admin: false,
        active: true,
      }),
    );
  };
}
