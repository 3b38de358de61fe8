import type { Cause } from '../../../diagnosis/cause.ts';
import { LOST_SESSIONS, legs, NO_OUTPOST } from './effects.ts';
import { namespaceOf, podsWith } from './names-in-evidence.ts';
import { inCode, VERIFY } from './verify.ts';

export const SERVICE_SELECTOR: Cause = {
  code: 'authentik.outpost.service-selector',
  layer: 'outpost',
  title: 'the outpost’s Service selects no pod of it',
  explains: NO_OUTPOST,
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'let the controller write the Service again: restart the worker',
      command: `kubectl -n ${namespaceOf(judged)} rollout restart deployment goauthentik-worker`,
      risk: 'write',
    },
    {
      phase: 'now',
      text: 'until then the emergency password of the auth proxy lets administrators in',
      risk: 'read',
    },
    VERIFY,
    inCode(
      'the patch of the Service’s selector belongs into kubernetes_json_patches of the outpost in stacks/authentik',
      'service-selector',
    ),
  ],
};

export const SESSIONS_NOT_SHARED: Cause = {
  code: 'authentik.outpost.sessions-not-shared',
  layer: 'outpost',
  title: 'several outpost pods do not share their sessions',
  explains: [...LOST_SESSIONS, 'outpost.sessions-split'],
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'one pod until sessions are shared',
      command: `kubectl -n ${namespaceOf(judged)} scale deployment ak-outpost-authentik-embedded-outpost --replicas=1`,
      risk: 'destroy',
      destroys: 'the sessions of the pods that go',
      signsOut: 'everyone whose session is in one of them',
    },
    VERIFY,
    inCode(
      'sessions in PostgreSQL for every outpost with several pods: the database’s variables, and "managed" as the embedded outpost',
      'sessions-not-shared',
    ),
  ],
};

export const UNKNOWN_HOST: Cause = {
  code: 'authentik.outpost.unknown-host',
  layer: 'outpost',
  title: 'a host belongs to no application of the outpost that answers for it',
  explains: [...legs('no-app'), 'outpost.no-app', 'outpost.no-providers'],
  remedies: () => [
    {
      phase: 'now',
      text: 'see which applications the outpost serves, and which external host each has',
      command:
        'curl -sS -H "Authorization: Bearer $AUTHENTIK_TOKEN" https://<authentik>/api/v3/providers/proxy/ | jq -r \'.results[] | [.name, .mode, .external_host, .cookie_domain] | @tsv\'',
      risk: 'read',
    },
    VERIFY,
    inCode('add the provider to the outpost, or the host to a provider, in stacks/authentik', 'unknown-host'),
  ],
};

export const OUTPOST_DOWN: Cause = {
  code: 'authentik.outpost.down',
  layer: 'outpost',
  title: 'no pod of an outpost serves',
  explains: [
    ...NO_OUTPOST,
    'outpost.none-ready',
    'outpost.not-ready',
    'outpost.restarted',
    'outpost.token-invalid',
    'cluster.rollout-stuck',
    'cluster.warning',
  ],
  remedies: (judged) => {
    const namespace = namespaceOf(judged);
    const pods = podsWith(judged, 'outpost.not-ready');
    return [
      {
        phase: 'now',
        text: 'read why: the events, and the log of the run before',
        command: `kubectl -n ${namespace} describe pod ${pods}; kubectl -n ${namespace} logs ${pods.split(' ')[0]} --previous`,
        risk: 'read',
      },
      {
        phase: 'now',
        text: 'let the controller make the outpost again: restart the worker',
        command: `kubectl -n ${namespace} rollout restart deployment goauthentik-worker`,
        risk: 'write',
      },
      VERIFY,
    ];
  },
};
