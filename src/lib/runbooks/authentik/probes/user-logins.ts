import type { Probe } from '../../../diagnosis/probe.ts';
import { record, text } from '../../evidence/shape.ts';
import { timeWords } from '../../words.ts';
import { askAuthentik } from '../evidence/api.ts';

/** Logins of the recent past, the newest first. */
export type LoginsEvidence = readonly { readonly at: string; readonly username: string }[];

const PATH = '/events/events/?action=authorize_application&ordering=-created&page_size=20';

/** After this long without a login, the last one is a date worth knowing. */
const QUIET_MS = 3_600_000;

/** When somebody last got through. */
export const userLogins: Probe<LoginsEvidence> = {
  id: 'authentik.user.logins',
  title: 'recent logins',
  layer: 'user',
  kind: 'request',
  cost: '1 request to the Authentik API',
  question: 'When did somebody last log in to an application?',
  why: 'When nobody has since a moment at which requests began to fail, that moment is the start of the outage. Names are compared exactly: a login of somebody else, taken for the user’s, cost hours in April 2026.',
  byHand: (site) =>
    `curl -sS -H "Authorization: Bearer $AUTHENTIK_TOKEN" '${site.authentik.url.value ?? 'https://<authentik>'}/api/v3${PATH}' | jq -r '.results[] | .created + " " + .user.username'`,
  healthy: 'Minutes or hours ago, as is usual at this time of day.',
  failures: [],

  async collect(ask) {
    const results = await askAuthentik(ask, PATH);
    return results.flatMap((event) => {
      const at = text(event.created);
      return at === undefined ? [] : [{ at, username: text(record(event.user).username) ?? '' }];
    });
  },

  judge(logins, { at, options }) {
    const [newest] = logins;
    if (newest === undefined)
      return {
        verdict: 'SKIP',
        reason: 'not-applicable',
        detail: 'no login is recorded: events may be kept for a short time',
      };
    const ago = (iso: string): string => timeWords(Math.max(0, (at.getTime() - Date.parse(iso)) / 1000));
    const isLong = at.getTime() - Date.parse(newest.at) > QUIET_MS;
    const timeline = isLong ? [{ at: newest.at, what: 'latest login to an application' }] : [];
    const { user } = options;
    const own = typeof user === 'string' ? logins.find(({ username }) => username === user) : undefined;
    const words =
      typeof user !== 'string'
        ? ''
        : own === undefined
          ? `; none of ${user} among the last ${logins.length}`
          : `; ${user} ${ago(own.at)} ago`;
    return { verdict: 'PASS', detail: `the latest ${ago(newest.at)} ago${words}`, timeline };
  },
};
