import { InfraError } from '../errors.ts';

/** A name as browsers take it: labels of RFC 1123, in ASCII; its length is checked apart. */
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** A host name that somebody typed, in lower case. Errors: `usage.bad-host` (64). */
export function parseHostName(text: string, flag: string): string {
  if (text.length <= 253 && HOST_NAME.test(text)) return text.toLowerCase();
  const meant = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text) ? new URL(text).hostname : undefined;
  throw new InfraError('usage.bad-host', 'usage', `--${flag} ${text} is not a host name.`, {
    hints: [meant === undefined ? 'The name alone, such as grafana.example.com.' : `Did you mean --${flag} ${meant}?`],
  });
}
