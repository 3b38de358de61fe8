/** Losing and altering what Vault's identity store keeps of one user. */
import { inVault, type Restore } from './damage.ts';
import type { Stand } from './stand.ts';

/** The identity store keeps aliases inside of what they lead to: putting one back means making both. */
export function identity(
  kind: 'entity' | 'group',
  name: string,
  fields: readonly string[],
  alias: 'alias' | 'aliases',
) {
  const read = async ({ vault }: Stand) => (await vault.must('GET', `identity/${kind}/name/${name}`)).data;
  const firstAlias = async (stand: Stand) => [(await read(stand))[alias]].flat()[0];
  const aliasAgain = async ({ vault }: Stand, { name, mount_accessor }: { name: string; mount_accessor: string }) => {
    const canonical_id = (await vault.must('GET', `identity/${kind}/name/${kind === 'group' ? 'sops-bob' : 'bob'}`))
      .data.id;
    await vault.must('POST', `identity/${kind}-alias`, { name, mount_accessor, canonical_id });
  };
  const stored = (stand: Stand) => inVault(stand.vault, `identity/${kind}/name/${name}`, fields);
  return {
    lost: (stand: Stand) => async (): Promise<Restore> => {
      const kept = await firstAlias(stand);
      const restore = await stored(stand).gone();
      return async () => {
        await restore();
        await aliasAgain(stand, kept);
      };
    },
    altered: (fields: object) => (stand: Stand) => stored(stand).changed(fields),
    aliasLost: (stand: Stand) => async (): Promise<Restore> => {
      const kept = await firstAlias(stand);
      await stand.vault.must('DELETE', `identity/${kind}-alias/id/${kept.id}`);
      return () => aliasAgain(stand, kept);
    },
    aliasAltered: (stand: Stand) => async (): Promise<Restore> => {
      const { id, name, mount_accessor, canonical_id } = await firstAlias(stand);
      const rename = (to: string) =>
        stand.vault.must('POST', `identity/${kind}-alias/id/${id}`, { name: to, mount_accessor, canonical_id });
      await rename('somebody-else');
      return () => rename(name);
    },
  };
}
