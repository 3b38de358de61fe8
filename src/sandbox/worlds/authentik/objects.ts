import type { KubeObject } from '../../kubernetes/object.ts';
import { timeAt } from './lines.ts';
import type { HostScene, Scene, ServiceScene, Workload } from './scene.ts';
import { deployment, isReady, podObject, replicaSet } from './workload-objects.ts';

/** Everything of authentik, the auth nginx, Traefik and the database that the Kubernetes API shows. */
export function sceneObjects(scene: Scene): KubeObject[] {
  const { authProxy, crowdsec, outposts, pgbouncer, postgres, server, traefik, worker } = scene;
  const deployed = [...outposts, server, worker, pgbouncer, authProxy, traefik, crowdsec];
  return [
    ...['apps', 'crowdsec'].map((name) => namespace(scene, name)),
    ...deployed.flatMap((each) => [deployment(scene, each), replicaSet(scene, each)]),
    ...[...deployed, postgres].flatMap((each) => each.pods.map((pod) => podObject(scene, each, pod))),
    ...applicationPods(scene),
    ...scene.services.map((each) => service(each)),
    ...scene.services.map((each) => endpointSlice(scene, each)),
    ...scene.hosts.map(ingress),
    middleware(
      'traefik',
      'authentik-forward-auth',
      'http://auth-proxy.traefik:9000/outpost.goauthentik.io/auth/traefik',
    ),
    middleware(
      'authentik',
      'public-forward-auth',
      'http://ak-outpost-public.authentik:9000/outpost.goauthentik.io/auth/traefik',
    ),
    budget('goauthentik-server', server, { minAvailable: 2 }),
    budget('goauthentik-worker', worker, { maxUnavailable: 1 }),
    budget('pgbouncer', pgbouncer, { minAvailable: 2 }),
    limitRange(scene.limitRange),
    ...scene.events.map((event, at) => eventObject(scene, event, at)),
  ];
}

function namespace(scene: Scene, name: string): KubeObject {
  const labels = { 'kubernetes.io/metadata.name': name, tier: '4-aux' };
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, creationTimestamp: timeAt(scene, 9_000_000), labels },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

/** The applications themselves: one pod each, always up. */
function applicationPods(scene: Scene): KubeObject[] {
  const names = scene.hosts.filter(({ namespace: of }) => of === 'apps').map((each) => each.service);
  const random = scene.random.of('applications');
  return [...new Set(names)].map((name) => {
    const pod = {
      name: `${name}-${random.text(9)}-0`,
      node: 'k8s-node2',
      ready: true,
      restarts: 0,
      age: 500_000,
      log: [],
    };
    const labels = { app: name };
    const image = `registry.example/${name}:1.0`;
    return podObject(
      scene,
      {
        namespace: 'apps',
        name,
        container: name,
        labels,
        image,
        replicas: 1,
        memoryLimit: '256Mi',
        dshm: undefined,
        env: [],
        pods: [pod],
      },
      pod,
    );
  });
}

function service({ namespace: of, name, selector, ports, loadBalancerIp }: ServiceScene): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: of },
    spec: {
      type: loadBalancerIp === undefined ? 'ClusterIP' : 'LoadBalancer',
      selector,
      ports: ports.map((port) => ({ name: `port-${port}`, port, targetPort: port, protocol: 'TCP' })),
    },
    status: { loadBalancer: loadBalancerIp === undefined ? {} : { ingress: [{ ip: loadBalancerIp }] } },
  };
}

/** What the endpoint controller makes of a selector and the pods that there are. */
function endpointSlice(scene: Scene, { namespace: of, name, selector, ports }: ServiceScene): KubeObject {
  const all: readonly Workload[] = [
    ...scene.outposts,
    scene.server,
    scene.worker,
    scene.pgbouncer,
    scene.authProxy,
    scene.traefik,
  ];
  const fitting = all
    .filter(
      (each) => each.namespace === of && Object.entries(selector).every(([key, value]) => each.labels[key] === value),
    )
    .flatMap((each) => each.pods);
  const application = of === 'apps' ? [{ ready: true, node: 'k8s-node2', name: `${name}-0` }] : [];
  const endpoints = [
    ...fitting.map((pod) => ({ ready: isReady(pod), node: pod.node, name: pod.name })),
    ...application,
  ];
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${scene.random.of(`slice ${name}`).text(5)}`,
      namespace: of,
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    ports: ports.map((port) => ({ name: `port-${port}`, port, protocol: 'TCP' })),
    endpoints: endpoints.map((each, at) => ({
      addresses: [`10.244.2.${at + 20}`],
      conditions: { ready: each.ready, serving: each.ready, terminating: false },
      nodeName: each.node,
      targetRef: { kind: 'Pod', name: each.name, namespace: of },
    })),
  };
}

function ingress({ host, namespace: of, service: name, middlewares, priority }: HostScene): KubeObject {
  const annotations: Record<string, string> = { 'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure' };
  if (middlewares !== '') annotations['traefik.ingress.kubernetes.io/router.middlewares'] = middlewares;
  if (priority !== undefined) annotations['traefik.ingress.kubernetes.io/router.priority'] = String(priority);
  const backend = { service: { name, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: priority === undefined ? name : `${name}-open`, namespace: of, annotations },
    spec: {
      ingressClassName: 'traefik',
      tls: [{ hosts: [host], secretName: 'tls-secret' }],
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
}

function middleware(of: string, name: string, address: string): KubeObject {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name, namespace: of },
    spec: { forwardAuth: { address, trustForwardHeader: true } },
  };
}

function budget(name: string, workload: Workload, spec: Readonly<Record<string, number>>): KubeObject {
  const healthy = workload.pods.filter(isReady).length;
  const wanted = spec.minAvailable ?? workload.replicas - (spec.maxUnavailable ?? 0);
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'authentik' },
    spec: { ...spec, selector: { matchLabels: workload.labels } },
    status: {
      disruptionsAllowed: Math.max(0, healthy - wanted),
      currentHealthy: healthy,
      desiredHealthy: wanted,
      expectedPods: workload.replicas,
    },
  };
}

function limitRange(memory: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'tier-defaults', namespace: 'authentik' },
    spec: { limits: [{ type: 'Container', default: { memory }, defaultRequest: { cpu: '50m', memory: '64Mi' } }] },
  };
}

function eventObject(scene: Scene, event: Scene['events'][number], at: number): KubeObject {
  const time = timeAt(scene, event.secondsAgo).replace(/\.\d+Z/, 'Z');
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${event.object}.${at}`, namespace: 'authentik', creationTimestamp: time },
    type: 'Warning',
    reason: event.reason,
    message: event.message,
    involvedObject: { kind: event.kind, name: event.object, namespace: 'authentik' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
