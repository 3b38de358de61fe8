import type { KubernetesObject } from '../../../clients/kubernetes/client.ts';
import type { Json } from '../../../diagnosis/json.ts';
import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';

/** `{found, object}` for one by name, `{items}` for many; each object has the wanted fields only. */
export const kubernetes: Kind<KindOptions<'kubernetes'>> = {
  kind: 'passive',
  cost: '1 read of the API',
  needs: ({ group, plural, namespace, name }) => [
    {
      verb: name === undefined ? 'list' : 'get',
      group,
      resource: plural,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    },
  ],
  async collect({ group, version, plural, namespace, name, selector, fields }, { client }) {
    const api = await client('kubernetes');
    const kind = { group, version, plural };
    if (name !== undefined) {
      const object = await api.get(kind, name, namespace);
      return { found: object !== undefined, object: object === undefined ? {} : picked(object, fields) };
    }
    const items = await api.list(kind, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(selector === undefined ? {} : { labelSelector: selector }),
    });
    return { items: items.map((item) => picked(item, ['metadata.name', ...fields])) };
  },
};

/**
 * The object with these paths only: what is not asked for is not recorded. What stands above an absent field is there all
 * the same, so that `has()` can be asked about it.
 */
function picked(object: KubernetesObject, fields: readonly string[]): Record<string, Json> {
  const result: Record<string, Json> = {};
  for (const field of fields) {
    const path = field.split('.');
    const value = path.reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as never)[key] : undefined),
      object,
    );
    put(result, path, value as Json | undefined);
  }
  return result;
}

function put(target: Record<string, Json>, [key = '', ...rest]: readonly string[], value: Json | undefined): void {
  if (rest.length === 0) {
    if (value !== undefined) target[key] = value;
    return;
  }
  const inner = Object.hasOwn(target, key) ? target[key] : undefined;
  const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  put(next as Record<string, Json>, rest, value);
  target[key] = next as Json;
}
