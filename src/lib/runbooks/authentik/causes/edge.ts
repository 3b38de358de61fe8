import type { Cause } from '../../../diagnosis/cause.ts';
import { FAILURES } from '../judge/first-hop.ts';
import { userOf } from './names-in-evidence.ts';
import { inCode, VERIFY } from './verify.ts';

const by = (way: string): readonly string[] => Object.keys(FAILURES).map((kind) => `${way}.${kind}`);

export const EDGE_CLOUDFLARE: Cause = {
  code: 'edge.cloudflare',
  layer: 'edge',
  title: 'only the public way fails: Cloudflare, a Worker, or the tunnel',
  explains: [
    ...by('cloudflare'),
    'edge.only-public-fails',
    'server.ready-public-only',
    'login.server-error',
    'login.refused',
    'login.loop',
    'context.login-failed',
  ],
  remedies: () => [
    {
      phase: 'now',
      text: 'is it the tunnel’s origin? It must be the Service’s name, not an address that has moved',
      command:
        'kubectl -n cloudflared logs -l app=cloudflared --since=15m --tail=-1 | grep -iE "unable to reach the origin|connection refused|no such host"',
      risk: 'read',
    },
    {
      phase: 'now',
      text: 'is it a Worker? Take its route off the zone in Cloudflare’s pages and ask again',
      risk: 'write',
    },
    VERIFY,
    inCode('the Worker’s route or the tunnel’s origin, in stacks/cloudflared', 'edge-cloudflare'),
  ],
};

export const EDGE_LOAD_BALANCER: Cause = {
  code: 'edge.load-balancer',
  layer: 'edge',
  title: 'Traefik is not at the address where it is looked for',
  explains: [
    ...by('direct'),
    'edge.only-direct-fails',
    'edge.no-address',
    'server.ready-direct-only',
    'context.login-failed',
  ],
  remedies: () => [
    {
      phase: 'now',
      text: 'see the address that the load balancer gave',
      command: 'kubectl -n traefik get svc traefik -o wide',
      risk: 'read',
    },
    {
      phase: 'now',
      text: 'correct what points at the old one: DNS inside the network, edge.traefik.address in infra.yaml, origins of tunnels',
      risk: 'write',
    },
    VERIFY,
    inCode('pin the address in the Service’s annotation', 'edge-load-balancer'),
  ],
};

export const USER_NO_ACCOUNT: Cause = {
  code: 'authentik.user.no-account',
  layer: 'user',
  title: 'the user has no account that may log in',
  explains: ['user.no-account', 'user.inactive'],
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'let the user log in once, or make or activate the account in Authentik',
      risk: 'write',
    },
    { phase: 'verify', text: 'ask again', command: `infra diagnose authentik --user ${userOf(judged)}`, risk: 'read' },
  ],
};

export const USER_NOT_IN_GROUP: Cause = {
  code: 'authentik.user.not-in-group',
  layer: 'user',
  title: 'the user is not in a group that lets them in',
  explains: ['user.not-in-group'],
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'add the account to the group in Authentik; infra user add does it for an entry',
      command: `infra user verify ${userOf(judged)}`,
      risk: 'read',
    },
    { phase: 'verify', text: 'ask again', command: `infra diagnose authentik --user ${userOf(judged)}`, risk: 'read' },
  ],
};
