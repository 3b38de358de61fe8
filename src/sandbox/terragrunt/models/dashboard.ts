import { createHash } from 'node:crypto';
import { Diagnosed } from '../failure.ts';
import { kubernetesRequest } from '../providers/kubernetes.ts';
import type { StateResource } from '../resource.ts';
import { type Model, wants } from './model.ts';
import { ownersOf } from './users.ts';

const NAMESPACE = 'kubernetes-dashboard';

/**
 * Stack `k8s-dashboard`: the injector's configuration, made from the dashboard token of every owner's first namespace.
 * A token Secret that is not there fails the whole plan.
 */
export const dashboardModel: Model = async ({ users, outside }) => {
  const data: StateResource[] = [];
  const lines: string[] = [];
  for (const { user, email, namespaces } of ownersOf(users())) {
    const namespace = namespaces[0];
    if (namespace === undefined)
      throw new Diagnosed(
        'Invalid index',
        'The given key does not identify an element in this collection value: the collection has no elements.',
      );
    const name = `dashboard-${user}-token`;
    const secret = await kubernetesRequest(
      outside.kubernetes,
      'GET',
      `/api/v1/namespaces/${namespace}/secrets/${name}`,
    );
    const encoded = (secret?.data as Readonly<Record<string, string>> | undefined)?.token;
    if (encoded === undefined) {
      throw new Diagnosed(
        'Attempt to index null value',
        'This value is null, so it does not have any indices.',
        `data.kubernetes_secret.dashboard_token["${user}"]`,
      );
    }
    const token = Buffer.from(encoded, 'base64').toString();
    lines.push(`  ${JSON.stringify(email)} "Bearer ${token}";`);
    const attributes = { data: { token }, id: `${namespace}/${name}`, metadata: [{ name, namespace }] };
    data.push({
      mode: 'data',
      type: 'kubernetes_secret',
      name: 'dashboard_token',
      key: user,
      attributes,
      sensitive: ['data'],
    });
  }
  const conf = `map $http_x_authentik_username $dashboard_token {\n  default "";\n${lines.join('\n')}\n}\n`;
  const checksum = createHash('sha256').update(conf).digest('hex');
  return wants(
    [
      {
        type: 'kubernetes_secret',
        name: 'dashboard_token_injector_conf',
        values: {
          data: { 'injector.conf': conf },
          metadata: [{ name: 'dashboard-token-injector-conf', namespace: NAMESPACE }],
          type: 'Opaque',
        },
        computed: ['id'],
        sensitive: ['data'],
      },
      {
        type: 'kubernetes_annotations',
        name: 'dashboard_token_injector',
        values: {
          metadata: [{ name: 'dashboard-token-injector', namespace: NAMESPACE }],
          template_annotations: { 'checksum/conf': checksum },
        },
        computed: ['id'],
      },
    ],
    data,
  );
};
