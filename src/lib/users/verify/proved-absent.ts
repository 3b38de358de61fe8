import type { Site } from '../../site/site.ts';
import type { ExpectedObject } from '../expected-object.ts';
import { inParallel } from './in-parallel.ts';
import type { VerifyClients } from './platform.ts';
import { makePlatform } from './platform.ts';
import { verifyObject } from './verify-user.ts';

/**
 * Whether every one of these objects is proved not to exist. An object that is there, altered or not, one that could not
 * be read, and one that nobody can be asked about are all no proof. `because` names the first that is none.
 */
export async function provedAbsent(
  clients: VerifyClients,
  site: Site,
  objects: readonly ExpectedObject[],
): Promise<{ readonly may: boolean; readonly because: string }> {
  const platform = makePlatform(clients, site);
  const outcomes = await inParallel(8, objects, (object) => verifyObject(platform, object));
  for (const [at, object] of objects.entries()) {
    const outcome = outcomes[at];
    if (outcome?.verdict === 'FAIL' && outcome.absent) continue;
    // A record that no token can ask about is made by a stack that runs long after those that can be asked.
    if (outcome?.verdict === 'SKIP') continue;
    const what = outcome?.verdict === 'UNKNOWN' ? `could not be read (${outcome.reason})` : 'exists';
    return { may: false, because: `${object.title} ${what}` };
  }
  return { may: true, because: 'none of its objects exists' };
}
