import type { Json } from '../../../diagnosis/json.ts';
import { notConfigured } from '../../../diagnosis/no-answer.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { asJson } from '../evidence/hop.ts';
import { type Settings, settingsOf, siteIn } from '../evidence/settings.ts';
import { SETTINGS_ID } from '../names.ts';

/** What every other question stands on; without a mail server in infra.yaml nothing is asked. */
export const settings: Probe<Json> = {
  id: SETTINGS_ID,
  title: 'settings of mail',
  layer: 'context',
  kind: 'passive',
  cost: 'nothing: infra.yaml',
  question: 'Where should mail be, by infra.yaml?',
  why: 'Which ports, nodes and addresses belong to mail stands there. What is left out there is skipped, and cannot be cleared.',
  byHand: () => 'infra config show',
  healthy: 'mail.hostname, nodes, ports, haproxy and public are set.',
  failures: [],

  async collect({ site, options }) {
    if (site.mail.hostname.value === undefined) throw notConfigured('mail.hostname');
    return asJson(settingsOf(site, options));
  },

  judge(evidence) {
    const kept = evidence as unknown as Settings;
    const { mail } = siteIn(kept);
    const parts = {
      nodes: mail.nodes.value,
      ports: mail.ports.value,
      haproxy: mail.haproxy.value,
      public: mail.public.value,
    };
    const missing = Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [`mail.${name}`] : []));
    const left = missing.length === 0 ? '' : `; not set, so not asked: ${missing.join(', ')}`;
    return { verdict: 'PASS', detail: `${mail.hostname.value}, asked from ${kept.vantage.name}${left}` };
  },
};
