import { type Answer, jsonAnswer } from '../http/exchange.ts';
import type { ResourceType } from './object.ts';
import type { ClusterState } from './state.ts';

const VERSION = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.4',
  gitCommit: 'sandbox',
  gitTreeState: 'clean',
  buildDate: '2026-01-05T00:00:00Z',
  goVersion: 'go1.24.9',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What people type for a plural name. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  configmaps: ['cm'],
  cronjobs: ['cj'],
  daemonsets: ['ds'],
  deployments: ['deploy'],
  endpoints: ['ep'],
  events: ['ev'],
  ingresses: ['ing'],
  namespaces: ['ns'],
  networkpolicies: ['netpol'],
  nodes: ['no'],
  persistentvolumeclaims: ['pvc'],
  persistentvolumes: ['pv'],
  pods: ['po'],
  replicasets: ['rs'],
  resourcequotas: ['quota'],
  serviceaccounts: ['sa'],
  services: ['svc'],
  statefulsets: ['sts'],
};

/** `/version`, health, `/api`, `/apis` and the resource lists; undefined for any other path. */
export function discoveryAnswer(state: ClusterState, path: string): Answer | undefined {
  switch (path.replace(/\/$/, '')) {
    case '/version':
      return jsonAnswer(200, JSON.stringify(VERSION, undefined, 2));
    case '/healthz':
    case '/livez':
    case '/readyz':
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
    case '/api':
      return json({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
    case '/apis':
      return json({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups(state) });
    case '/api/v1':
      return resourceList(state, '', 'v1');
    default: {
      const [, group, version] = /^\/apis\/([^/]+)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
      if (group === undefined) return undefined;
      if (version !== undefined) return resourceList(state, group, version);
      return json(
        groups(state).find((each) => each.name === group) ?? { kind: 'Status', status: 'Failure', code: 404 },
      );
    }
  }
}

function groups(state: ClusterState) {
  const versions = new Map<string, string>();
  for (const type of state.types.values()) if (type.group !== '') versions.set(type.group, type.version);
  versions.set('authorization.k8s.io', 'v1');
  versions.set('authentication.k8s.io', 'v1');
  return [...versions].map(([name, version]) => {
    const preferred = { groupVersion: `${name}/${version}`, version };
    return { kind: 'APIGroup', apiVersion: 'v1', name, versions: [preferred], preferredVersion: preferred };
  });
}

function resourceList(state: ClusterState, group: string, version: string): Answer {
  const types = [...state.types.values()].filter((type) => type.group === group && type.version === version);
  return json({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: types.map(describe),
  });
}

function describe(type: ResourceType): Record<string, unknown> {
  const { plural: name, namespaced, kind, group } = type;
  const shortNames = group === 'metrics.k8s.io' ? undefined : SHORT[name];
  return {
    name,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs: VERBS,
    ...(shortNames === undefined ? {} : { shortNames }),
  };
}

function json(value: unknown): Answer {
  return jsonAnswer(200, JSON.stringify(value));
}
