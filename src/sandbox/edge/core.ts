import type { Answer, Exchange } from '../http/exchange.ts';
import { AUTHENTIK_HEADERS } from './outpost.ts';

/** Pages of authentik's server that somebody without a session meets on the way to the login form. */
export function coreAnswer(ask: Exchange): Answer {
  if (ask.path === '/-/health/ready/' || ask.path === '/-/health/live/') {
    return { status: 200, headers: AUTHENTIK_HEADERS, body: '' };
  }
  if (ask.path === '/application/o/authorize/') {
    return found(`/flows/-/default/authentication/?next=${encodeURIComponent(`${ask.path}?${ask.query}`)}`);
  }
  if (ask.path === '/flows/-/default/authentication/') {
    return found(`/if/flow/default-authentication-flow/?next=${encodeURIComponent(ask.query.get('next') ?? '/')}`);
  }
  if (ask.path.startsWith('/if/flow/')) return page('authentik', '<ak-flow-executor></ak-flow-executor>');
  if (ask.path === '/') return found('/flows/-/default/authentication/?next=/');
  return { ...page('authentik', 'Not Found'), status: 404 };
}

function found(location: string): Answer {
  return {
    status: 302,
    headers: { ...AUTHENTIK_HEADERS, location, 'content-type': 'text/html; charset=utf-8' },
    body: '',
  };
}

function page(title: string, text: string): Answer {
  const body = `<!DOCTYPE html><html><head><title>${title}</title></head><body>${text}</body></html>\n`;
  return { status: 200, headers: { ...AUTHENTIK_HEADERS, 'content-type': 'text/html; charset=utf-8' }, body };
}

/** The page that authentik's policies show to whom they let in nowhere near. */
export function denied(): Answer {
  return {
    ...page('Permission denied - authentik', '<h1>Permission denied</h1><p>Request has been denied.</p>'),
    status: 403,
  };
}
