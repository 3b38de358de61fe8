/** Who listens where, as the kernel tells: asking by a connection would stand in the servers' logs. */
import { run } from '../run.ts';

interface Place {
  address: string;
  port: number;
}

/** All local ends that somebody listens on, `address:port`. */
export async function listening(): Promise<string[]> {
  const { stdout } = await run('ss', ['-Hltn']);
  return stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[3] ?? []);
}

/** Whether somebody listens on every one of these. */
export async function listens(places: readonly Place[]): Promise<boolean> {
  const open = new Set(await listening());
  return places.every((place) => open.has(shown(place)));
}

/** As `ss` writes it. */
export function shown({ address, port }: Place): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
