import type { Json } from '../../../diagnosis/json.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { collectNat, PFCTL } from '../../../mail/evidence/nat.ts';
import { asJson, rowsFrom } from '../evidence/hop.ts';
import { judgeHops } from '../judge/judge-hop.ts';
import { NAT_ID, SETTINGS_ID } from '../names.ts';

/** What the firewall does with what comes from outside. */
export const natRules: Probe<Json> = {
  id: NAT_ID,
  title: 'NAT',
  layer: 'nat',
  dependsOn: [SETTINGS_ID],
  kind: 'exec',
  cost: '1 pfctl -sn, over ssh',
  timeoutMs: 20_000,
  question: 'Is every mail port redirected to the balancer, and nowhere else?',
  why: 'A rule to an older address works for nobody outside and is invisible inside.',
  byHand: (site) => `ssh ${site.mail.ssh.nat.value ?? '<firewall>'} '${PFCTL.join(' ')}' | grep rdr`,
  healthy: 'One rule a port, each to mail.haproxy.',
  failures: [
    { code: 'nat.missing', meaning: 'No rule redirects a port.' },
    { code: 'nat.target', meaning: 'A rule redirects to another address than the balancer’s.' },
    { code: 'mail.nat', meaning: 'What comes from the Internet does not reach the balancer.' },
  ],

  collect: async ({ client, site }) => asJson(await collectNat({ ssh: await client('ssh') }, site)),

  judge: (evidence, given) =>
    judgeHops(rowsFrom({ nat: { state: 'answered', value: evidence } }, given), ['nat'], ({ reason }) => ({
      observation: reason === 'nat-missing' ? 'nat.missing' : 'nat.target',
      cause: 'mail.nat',
    })),
};
