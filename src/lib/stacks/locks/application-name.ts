/** What infra wrote into a session's application_name. Parts may be cut: PostgreSQL keeps 63 bytes. */
export type NamedSession = {
  readonly stack: string;
  readonly user: string;
  readonly host: string;
  readonly run: string;
};

/** Reads back what `applicationName` wrote; undefined for a session of anybody else. */
export function parseApplicationName(text: string): NamedSession | undefined {
  const [, stack, user, host, run] = /^infra stack=(\S+) user=(.*?) host=(\S*) run=(\S+)$/.exec(text) ?? [];
  return stack === undefined || user === undefined || host === undefined || run === undefined
    ? undefined
    : { stack, user, host, run };
}

/** Who a session is, in words. */
export function sessionWords(text: string, role: string, address: string | undefined): string {
  const named = parseApplicationName(text);
  if (named !== undefined) return `${named.user} on ${named.host}, run ${named.run}`;
  const from = address === undefined ? 'the database’s own machine' : address;
  return `somebody without infra at ${from} (role ${role}${text === '' ? '' : `, application ${text}`})`;
}
