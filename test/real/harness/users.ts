/** `secret/platform` as Vault itself tells it, without infra. */
import type { Users } from './seed-vault.ts';
import type { Vault } from './vault.ts';

export interface Platform {
  version: number;
  users: Users;
  /** The raw text of everything else in the secret: equal texts are equal to the byte. */
  others: string;
}

export async function readPlatform(vault: Vault): Promise<Platform> {
  const { status, text, body } = await vault.request('GET', 'secret/data/platform');
  if (status !== 200) throw new Error(`secret/platform: ${status} ${text}`);
  const data = /"data":\{"data":(\{.*?\}),"metadata":/.exec(text)?.[1];
  if (data === undefined) throw new Error('secret/platform has another form than expected');
  return {
    version: body.data.metadata.version,
    users: JSON.parse(body.data.data.k8s_users),
    others: data.replace(/"k8s_users":"(?:[^"\\]|\\.)*",?/, ''),
  };
}
