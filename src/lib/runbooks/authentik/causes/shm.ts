import type { AlertRule, Cause } from '../../../diagnosis/cause.ts';
import type { Judgements } from '../../../diagnosis/runbook.ts';
import { LOST_SESSIONS, NO_OUTPOST } from './effects.ts';
import { isServerPod, namespaceOf, podsWith } from './names-in-evidence.ts';
import { inCode, VERIFY } from './verify.ts';

/** tmpfs is memory of the container, and that is the one measure of it which the scrape keeps. */
const MEMORY: AlertRule = {
  alert: 'AuthentikOutpostShmFilling',
  expr: 'max by (namespace, pod) (container_memory_working_set_bytes{namespace="authentik",pod=~"ak-outpost-.*",container="proxy"}) > 0.75 * max by (namespace, pod) (kube_pod_container_resource_limits{namespace="authentik",pod=~"ak-outpost-.*",container="proxy",resource="memory"})',
  for: '15m',
  severity: 'warning',
  summary: 'an outpost uses three quarters of its memory, of which /dev/shm is a part',
};

const MANY_400: AlertRule = {
  alert: 'ForwardAuth400OnManyRouters',
  expr: 'count(sum by (router) (increase(traefik_router_requests_total{code="400"}[10m])) > 5) > 5',
  for: '5m',
  severity: 'critical',
  summary: 'many hosts answer 400 at once: a layer that they share, not a user',
};

const PATCH =
  'a volume for /dev/shm of 2 GiB and a memory limit of 2560 MiB, as kubernetes_json_patches of the outpost: by the API, then in stacks/authentik; better, sessions in PostgreSQL';

function restart(judged: Judgements | undefined, ...codes: readonly string[]) {
  const pods = podsWith(judged, ...codes);
  const namespace = namespaceOf(judged);
  return {
    phase: 'now',
    text: isServerPod(judged, pods)
      ? 'restart the server pod: its /dev/shm starts empty'
      : 'delete the pod: its /dev/shm goes with it, the next one runs within seconds',
    command: `kubectl -n ${namespace} delete pod ${pods}`,
    risk: 'destroy',
    destroys: 'every session in that pod’s /dev/shm',
    signsOut: 'everyone whose session is a file there, you too; nobody where sessions are in PostgreSQL',
  } as const;
}

export const SHM_FULL: Cause = {
  code: 'authentik.outpost.shm-full',
  layer: 'outpost',
  title: 'the outpost cannot save sessions: no space left on device',
  explains: [
    ...LOST_SESSIONS,
    'outpost.session-not-saved',
    'outpost.shm-full',
    'outpost.shm-filling',
    'outpost.limit-below-shm',
    'outpost.restarted',
    'server.shm-full',
    'authentik.outpost.shm-filling',
  ],
  remedies: (judged) => [
    restart(judged, 'outpost.shm-full', 'outpost.session-not-saved'),
    VERIFY,
    inCode(PATCH, 'shm-full'),
  ],
  alerts: [MEMORY, MANY_400],
};

export const SHM_FILLING: Cause = {
  code: 'authentik.outpost.shm-filling',
  layer: 'outpost',
  title: '/dev/shm of an outpost will be full before its sessions expire',
  explains: ['outpost.shm-filling', 'outpost.limit-below-shm'],
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'watch it, or restart at a quiet hour: it is not full yet',
      command: 'infra diagnose authentik --only authentik.outpost.shm',
      risk: 'read',
    },
    restart(judged, 'outpost.shm-filling'),
    VERIFY,
    inCode(`${PATCH}; or a shorter access_token_validity`, 'shm-filling'),
  ],
  alerts: [MEMORY],
};

export const OOM_KILLED: Cause = {
  code: 'authentik.outpost.oom-killed',
  layer: 'outpost',
  title: 'the outpost is killed for its memory: its limit is smaller than its /dev/shm',
  explains: [
    ...NO_OUTPOST,
    ...LOST_SESSIONS,
    'outpost.killed',
    'outpost.restarted',
    'outpost.not-ready',
    'outpost.none-ready',
    'outpost.limit-below-shm',
    'outpost.shm-filling',
    'server.killed',
    'server.restarted',
    'cluster.warning',
    'authentik.outpost.shm-filling',
    'authentik.outpost.down',
  ],
  remedies: (judged) => [
    restart(judged, 'outpost.killed'),
    VERIFY,
    inCode(
      'set limits.memory of the container to sizeLimit and headroom: 2560 MiB for 2 GiB; a LimitRange gives 256 MiB to whoever names none',
      'oom-killed',
    ),
  ],
  alerts: [
    MEMORY,
    {
      alert: 'AuthentikOutpostRestarts',
      expr: 'increase(kube_pod_container_status_restarts_total{namespace="authentik",pod=~"ak-outpost-.*"}[30m]) > 2',
      for: '0m',
      severity: 'warning',
      summary: 'an outpost restarts again and again',
    },
  ],
};

export const FILESYSTEM_FALLBACK: Cause = {
  code: 'authentik.outpost.filesystem-fallback',
  layer: 'outpost',
  title: 'the outpost keeps sessions in files although PostgreSQL was meant',
  explains: [
    ...SHM_FULL.explains,
    'outpost.sessions-in-files',
    'outpost.sessions-split',
    'authentik.outpost.shm-full',
    'authentik.outpost.shm-filling',
    'authentik.outpost.sessions-not-shared',
  ],
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'look at the outpost: its "managed" must be goauthentik.io/outposts/embedded, and its image built with the core feature',
      command:
        'curl -sS -H "Authorization: Bearer $AUTHENTIK_TOKEN" https://<authentik>/api/v3/outposts/instances/ | jq \'.results[] | {name, managed}\'',
      risk: 'read',
    },
    {
      phase: 'now',
      text: 'when "managed" is restored, restart the outpost',
      command: `kubectl -n ${namespaceOf(judged)} rollout restart deployment ak-outpost-authentik-embedded-outpost`,
      risk: 'destroy',
      destroys: 'the session files of its pods',
      signsOut: 'everyone whose session is a file there',
    },
    VERIFY,
    inCode(
      '"managed" is set by the server and not known to the Terraform provider: set it by the API, then apply the stack and see that it stays',
      'filesystem-fallback',
    ),
  ],
  alerts: [MEMORY],
};
