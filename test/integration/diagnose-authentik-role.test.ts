/** The Role that is printed is all that a diagnosis takes, whatever the platform makes it ask. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolesOf } from '../../src/lib/diagnosis/role.ts';
import { authentik } from '../../src/lib/runbooks/authentik/runbook.ts';
import type { KubeObject } from '../../src/sandbox/kubernetes/object.ts';
import type { World } from '../../src/sandbox/world.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { fakeSite } from '../fakes/site.ts';
import { diagnoseWorld } from './diagnose-world.ts';
import { type Stage, setStage } from './stage.ts';

const ON_CALL = { name: 'oncall@sandbox.test', groups: ['system:authenticated'] };
const NAME = 'infra-diagnose-authentik';
const RBAC = 'rbac.authorization.k8s.io';

/** The printed roles as objects, bound to somebody who has nothing else; `isLeftOut` takes single resources away. */
function bound(isLeftOut: (resource: string, namespace: string | undefined) => boolean): readonly KubeObject[] {
  const selected = authentik.probes.map(({ id }) => id);
  return rolesOf(authentik, fakeSite(), { selected }).flatMap(({ namespace, rules }) => {
    const [role, binding] = namespace === undefined ? ['ClusterRole', 'ClusterRoleBinding'] : ['Role', 'RoleBinding'];
    const common = {
      apiVersion: `${RBAC}/v1`,
      metadata: { name: NAME, ...(namespace === undefined ? {} : { namespace }) },
    };
    const left = rules.filter(({ resource }) => !isLeftOut(resource, namespace));
    return [
      {
        ...{ ...common, kind: role },
        rules: left.map(({ group, resource, verbs }) => ({
          apiGroups: [group],
          resources: [resource],
          verbs: [...verbs],
        })),
      },
      {
        ...{ ...common, kind: binding, roleRef: { apiGroup: RBAC, kind: role, name: NAME } },
        subjects: [{ apiGroup: RBAC, kind: 'User', name: ON_CALL.name }],
      },
    ];
  });
}

async function onCallIn(name: string, isLeftOut: Parameters<typeof bound>[0] = () => false): Promise<World> {
  const world = await loadWorld(name, { seed: 1 });
  const { kubernetes } = world;
  return {
    ...world,
    kubernetes: { ...kubernetes, operator: ON_CALL, objects: [...kubernetes.objects, ...bound(isLeftOut)] },
  };
}

/** What went wrong for want of a right: in verdicts, and between the lines. */
async function forbidden(stage: Stage, world: World): Promise<readonly string[]> {
  const { diagnosis } = await diagnoseWorld(stage, world);
  return diagnosis.findings
    .filter(({ detail, reason }) => reason === 'forbidden' || /may not|forbidden|no port-forward/.test(detail))
    .map(({ detail, id }) => `${id}: ${detail}`);
}

describe('with the printed Role and nothing else', () => {
  const stages: Stage[] = [];
  const stage = (): Stage => stages[0] ?? expect.fail('no stage');
  beforeAll(async () => {
    stages.push(await setStage());
  });
  afterAll(() => stages[0]?.close());

  test.each([
    'healthy',
    'authentik-april',
    'authentik-embedded',
    'outpost-shm-full',
    'outpost-down',
    'auth-proxy-down',
    'database-connections',
    'visitor-banned',
    'traefik-out-of-reach',
    'load-balancer-moved',
  ])('nothing is refused in the world %s', async (name) => {
    expect(await forbidden(stage(), await onCallIn(name))).toEqual([]);
  });

  test.each([
    ['visitor-banned', 'pods/exec', 'crowdsec', /authentik.context.ban: may not get pods\/exec in crowdsec/],
    ['traefik-out-of-reach', 'pods/portforward', 'traefik', /edge.direct: .* may not get pods\/portforward in traefik/],
  ] as const)('in the world %s the right to %s in %s is needed', async (name, resource, namespace, pattern) => {
    const world = await onCallIn(name, (other, where) => other === resource && where === namespace);
    expect((await forbidden(stage(), world)).join('\n')).toMatch(pattern);
  });

  test('where the auth proxy has no pods, its Deployment may be asked for', async () => {
    const world = await onCallIn('healthy', () => false);
    const isProxy = ({ kind, metadata }: KubeObject): boolean =>
      kind === 'Pod' && metadata.labels?.app === 'auth-proxy';
    const without = { ...world.kubernetes, objects: world.kubernetes.objects.filter((object) => !isProxy(object)) };
    expect(await forbidden(stage(), { ...world, kubernetes: without })).toEqual([]);
  });
});
