import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import type { Hop } from '../../../mail/hops.ts';
import { findingsOf } from '../../../mail/verdict/findings.ts';
import { some } from '../../words.ts';
import { considered, probesOf, rowsFrom, settingsIn } from '../evidence/hop.ts';
import { siteIn } from '../evidence/settings.ts';
import { SETTINGS_ID } from '../names.ts';

/** Every hop at which a listener of ours shows its certificate. */
const HOPS: readonly Hop[] = ['node-health', 'node-proxy', 'haproxy', 'public-ipv4', 'public-ipv6'];

/** What the listeners show in TLS; judged from the connections of the hops. */
export const tls: Probe<null> = {
  id: 'mail.server.tls',
  title: 'TLS of the listeners',
  layer: 'server',
  dependsOn: [SETTINGS_ID],
  considers: probesOf(HOPS),
  kind: 'request',
  cost: 'nothing: judges the connections to the hops',
  question:
    'Is the certificate valid for the name, for two more weeks, and the same everywhere? Is AUTH hidden before TLS?',
  why: 'A certificate is wrong wherever it is shown, so it is one fault and not one of each hop. It is judged on the wire: a renewed file helps nobody while the server still holds the old one.',
  byHand: (site) =>
    `openssl s_client -connect ${site.mail.haproxy.value ?? '<balancer>'}:465 -servername ${site.mail.hostname.value ?? '<name>'} </dev/null | openssl x509 -noout -subject -enddate -ext subjectAltName`,
  healthy:
    'A trusted chain, the right name, more than 14 days left, one certificate at every port and hop, no AUTH before TLS.',
  failures: [
    { code: 'tls.certificate-invalid', meaning: 'It has ended, has another name, or nobody trusted has signed it.' },
    { code: 'tls.certificate-due', meaning: 'It ends within 14 days.' },
    {
      code: 'tls.certificate-differs',
      meaning: 'Ports or hops show different ones: somebody did not load the new one.',
    },
    { code: 'tls.auth-before-tls', meaning: 'Submission offers AUTH to who has not begun TLS.' },
    { code: 'mail.certificate', meaning: 'The certificate is wrong, or ends soon.' },
    { code: 'mail.auth-before-tls', meaning: 'Passwords can go over the wire in the clear.' },
  ],

  collect: async () => null,

  judge(_, given): Judgement {
    const rows = rowsFrom(considered(given, HOPS), given);
    const shown = rows.filter(({ certificate }) => certificate !== undefined);
    const open = rows.filter(({ reason }) => reason === 'auth-before-tls');
    const invalid = rows.filter(({ phase, verdict }) => phase === 'certificate' && verdict === 'FAIL');
    const auth =
      open.length === 0
        ? []
        : [
            {
              observation: 'tls.auth-before-tls',
              cause: 'mail.auth-before-tls',
              words: 'submission offers AUTH before TLS',
            },
          ];
    const wrong = [...new Set(invalid.map(({ got }) => got))].map((words) => ({
      observation: 'tls.certificate-invalid',
      cause: 'mail.certificate',
      words,
    }));
    const broken = [...wrong, ...auth];
    if (broken.length > 0) return said('FAIL', broken);
    if (shown.length === 0) {
      const isAsked = rows.some(({ verdict }) => verdict === 'FAIL');
      const detail = 'no connection came as far as a certificate';
      return isAsked
        ? { verdict: 'SKIP', reason: 'not-applicable', detail }
        : { verdict: 'UNKNOWN', reason: 'empty', detail };
    }
    const hostname = siteIn(settingsIn(given)).mail.hostname.value ?? '';
    const findings = findingsOf(shown, hostname, given.at).filter(({ id }) => id.startsWith('mail.certificate.'));
    const notable = findings.filter(({ verdict }) => verdict !== 'PASS');
    const unknown = notable.find(({ verdict }) => verdict === 'UNKNOWN');
    if (unknown !== undefined) return { verdict: 'UNKNOWN', reason: 'malformed', detail: unknown.detail };
    if (notable.length > 0)
      return said(
        'WARN',
        notable.map(({ id, detail }) => ({
          observation: id.endsWith('expiry') ? 'tls.certificate-due' : 'tls.certificate-differs',
          cause: 'mail.certificate',
          words: detail,
        })),
      );
    return { verdict: 'PASS', detail: findings.map(({ detail }) => detail).join('; ') };
  },
};

type Said = { readonly observation: string; readonly cause: string; readonly words: string };

function said(verdict: 'FAIL' | 'WARN', all: readonly Said[]): Judgement {
  return {
    verdict,
    detail: some(
      all.map(({ words }) => words),
      2,
      '; ',
    ),
    observations: all.map(({ observation }) => ({ code: observation })),
    causes: [...new Set(all.map(({ cause }) => cause))].map((code) => ({ code })),
  };
}
