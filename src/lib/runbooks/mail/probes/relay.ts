import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import { mailPod } from '../../../mail/evidence/mail-pod.ts';
import { mayExec } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { POD_ID, SETTINGS_ID } from '../names.ts';
import { runningIn } from './pod-state.ts';

/** How mail leaves; null: no pod runs. Passwords are in none of these parameters. */
export type RelayEvidence = { readonly relayhost: string; readonly login: boolean; readonly maps: string } | null;

const POSTCONF = ['postconf', 'relayhost', 'smtp_sasl_auth_enable', 'smtp_sasl_password_maps'] as const;

/** Whether mail leaves by a relay, and with a login. */
export const relay: Probe<RelayEvidence> = {
  id: 'mail.relay.settings',
  title: 'relay',
  layer: 'outbound',
  dependsOn: [SETTINGS_ID, POD_ID],
  needs: (site) => mayExec(site.mail.namespace.value),
  kind: 'exec',
  cost: '1 list of pods, 1 postconf in the pod',
  timeoutMs: 15_000,
  question: 'Is mail handed to the relay, and with a login?',
  why: 'Many networks block port 25 on the way out, and receivers distrust home addresses: mail leaves by a relay. Without a login the relay takes nothing.',
  byHand: (site) =>
    `kubectl -n ${site.mail.namespace.value} exec deploy/${site.mail.service.value} -c ${site.mail.pod.container.value} -- ${POSTCONF.join(' ')}`,
  healthy:
    'relayhost is set, SASL is on, and there is a map of passwords. Whether the password is right, log and queue say.',
  failures: [
    { code: 'relay.no-login', meaning: 'There is a relay, and nothing to log in with.' },
    { code: 'mail.relay.credentials', meaning: 'The relay will not take mail from us.' },
  ],

  async collect({ client, given, site }) {
    if (runningIn(given.answer<readonly PodFact[]>(POD_ID)).length === 0) return null;
    const kubernetes = await client('kubernetes');
    const { namespace, pod } = site.mail;
    const { name } = (await mailPod({ kubernetes }, site)).metadata;
    const ended = await kubernetes.exec(namespace.value, name, pod.container.value, POSTCONF, { timeoutMs: 10_000 });
    const values = new Map(
      ended.stdout.split('\n').map((line) => {
        const [name = '', value = ''] = line.split(/\s*=\s*(.*)/s);
        return [name, value] as const;
      }),
    );
    if (ended.exitCode !== 0 || !values.has('relayhost'))
      throw new InfraError('mail.malformed', 'unavailable', `${POSTCONF.join(' ')} in ${name} printed no settings.`);
    return {
      relayhost: values.get('relayhost') ?? '',
      login: values.get('smtp_sasl_auth_enable') === 'yes',
      maps: values.get('smtp_sasl_password_maps') ?? '',
    };
  },

  judge(evidence): Judgement {
    if (evidence === null)
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'no pod runs, so nobody can be asked' };
    const { relayhost, login, maps } = evidence;
    if (relayhost === '')
      return {
        verdict: 'SKIP',
        reason: 'not-applicable',
        detail: 'no relay is set: mail goes to the receivers directly',
      };
    if (login && maps !== '') return { verdict: 'PASS', detail: `${relayhost}, with a login` };
    const what = login ? 'smtp_sasl_password_maps is empty' : 'smtp_sasl_auth_enable is not yes';
    return {
      verdict: 'FAIL',
      detail: `${relayhost}: ${what}, so nobody logs in there`,
      observations: [{ code: 'relay.no-login', subject: relayhost }],
      causes: [{ code: 'mail.relay.credentials' }],
    };
  },
};
