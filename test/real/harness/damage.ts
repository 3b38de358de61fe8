/** Ways to lose or alter one thing on live servers. Each answers how to put it back. */
import type { Kubernetes } from './kubernetes.ts';
import { until } from './until.ts';
import type { Vault } from './vault.ts';

export type Restore = () => Promise<unknown>;
export type Damage = () => Promise<Restore>;

export interface InCluster {
  gone: Damage;
  /** By merge patch. */
  changed(patch: object): Damage;
  /** For what may not be patched, such as the role of a binding: deleted and created with other fields. */
  recreated(fields: object): Damage;
}

/** An object of the cluster by its path. */
export function inCluster(kubernetes: Kubernetes, path: string): InCluster {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const read = async () => {
    const { metadata, status: _, ...rest } = await kubernetes.must('GET', path);
    const { name, namespace, labels, annotations } = metadata;
    return { ...rest, metadata: { name, namespace, labels, annotations } };
  };
  const remove = async () => {
    await kubernetes.must('DELETE', path);
    await until(`${path} to be gone`, async () =>
      (await kubernetes.request('GET', path)).status === 404 ? true : undefined,
    );
  };
  return {
    gone: async () => {
      const saved = await read();
      await remove();
      return () => kubernetes.must('POST', folder, saved);
    },
    changed: (patch) => async () => {
      const saved = await read();
      await kubernetes.must('PATCH', path, patch);
      return () => kubernetes.must('PUT', path, saved);
    },
    recreated: (fields) => async () => {
      const saved = await read();
      await remove();
      await kubernetes.must('POST', folder, { ...saved, ...fields });
      return async () => {
        await remove();
        await kubernetes.must('POST', folder, saved);
      };
    },
  };
}

/** A document of Vault that is written as it is read. `keep` names the fields that a write takes. */
export function inVault(
  vault: Vault,
  path: string,
  keep: readonly string[],
): { gone: Damage; changed(fields: object): Damage } {
  const read = async () => {
    const { data } = await vault.must('GET', path);
    return Object.fromEntries(keep.map((field) => [field, data[field]]));
  };
  return {
    gone: async () => {
      const saved = await read();
      await vault.must('DELETE', path);
      return () => vault.must('POST', path, saved);
    },
    changed: (fields) => async () => {
      const saved = await read();
      await vault.must('POST', path, { ...saved, ...fields });
      return () => vault.must('POST', path, saved);
    },
  };
}
