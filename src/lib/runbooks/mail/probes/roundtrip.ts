import type { Json } from '../../../diagnosis/json.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { CRON_JOBS, collectRoundtrip, type Roundtrip } from '../../../mail/evidence/roundtrip.ts';
import { FRESH_MINUTES } from '../../../mail/verdict/hop-answers.ts';
import { mayGet } from '../../evidence/needs.ts';
import { asJson, rowsFrom } from '../evidence/hop.ts';
import { judgeHops } from '../judge/judge-hop.ts';
import { ROUNDTRIP_ID, SETTINGS_ID } from '../names.ts';

/** The first question: does mail arrive at all? */
export const roundtrip: Probe<Json> = {
  id: ROUNDTRIP_ID,
  title: 'last roundtrip',
  layer: 'roundtrip',
  dependsOn: [SETTINGS_ID],
  needs: (site) => [mayGet(CRON_JOBS, site.mail.namespace.value)],
  kind: 'passive',
  cost: '1 query to Prometheus, else 1 CronJob',
  question: 'When did a mail from outside last come round?',
  why: 'A monitor sends a mail by a relay outside and waits for it in the mailbox: the one test of the whole way, and from outside. It says whether mail arrives; the questions after it say where it breaks.',
  byHand: (site) =>
    `kubectl -n ${site.mail.namespace.value} get cronjob ${site.mail.roundtrip.cronJob.value}; kubectl -n ${site.mail.namespace.value} get jobs`,
  healthy: `One came round within ${FRESH_MINUTES} minutes.`,
  failures: [
    { code: 'roundtrip.stale', meaning: `None came round within ${FRESH_MINUTES} minutes, or the last one did not.` },
    { code: 'roundtrip.never', meaning: 'None has ever come round.' },
    { code: 'mail.roundtrip.stale', meaning: 'Mail does not come round, and nothing else says why.' },
  ],

  async collect({ client, site }) {
    const [kubernetes, http] = await Promise.all([client('kubernetes'), client('http')]);
    return asJson(await collectRoundtrip({ kubernetes, http }, site));
  },

  judge(evidence, given) {
    const rows = rowsFrom({ roundtrip: { state: 'answered', value: evidence } }, given);
    const judged = judgeHops(rows, ['roundtrip'], ({ reason }) => ({
      observation: reason === 'never' ? 'roundtrip.never' : 'roundtrip.stale',
      cause: 'mail.roundtrip.stale',
    }));
    const { lastSuccess } = evidence as unknown as Partial<Roundtrip>;
    const detail = judged.detail.replace(/^smtp: /, '');
    if (judged.verdict !== 'FAIL' || lastSuccess === undefined) return { ...judged, detail };
    const timeline = [{ at: lastSuccess, what: 'the last mail that came round' }];
    return { ...judged, detail, timeline, since: { at: lastSuccess, note: 'the last mail that came round' } };
  },
};
