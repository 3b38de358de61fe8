import { InfraError } from '../../../errors.ts';
import type { Finding } from '../../../findings/finding.ts';
import type { Shape } from '../../../stacks/stack.ts';
import type { User } from '../../entry.ts';
import { verifyUsers } from '../../verify/verify-user.ts';
import type { AddContext } from '../request.ts';

/** Controllers fill in what an apply leaves to them (a token Secret, aggregated roles) within seconds. */
const SETTLE_MS = 15_000;
const LOOK_MS = 250;

/**
 * Reads back the objects that one stack makes for a user, until none fails or the time for controllers is over.
 * Errors: `stack.not-verified` (2) when the apply ended well and an object is still missing or altered.
 */
export async function settledFindings(
  context: AddContext,
  shape: Shape,
  user: User,
  stack: string,
): Promise<readonly Finding[]> {
  const { clients, site, interrupt } = context;
  const until = clients.clock.monotonic() + SETTLE_MS;
  while (true) {
    const [verified] = await verifyUsers(clients, site, shape, [user], (object) => object.stack === stack);
    const findings = verified?.findings ?? [];
    const failed = findings.filter((finding) => finding.verdict === 'FAIL');
    if (failed.length === 0) return findings;
    if (clients.clock.monotonic() >= until) {
      throw new InfraError(
        'stack.not-verified',
        'fail',
        `Applied ${stack}, but ${failed.length} of its objects for ${user.name} are not as they have to be.`,
        {
          violations: failed.map((finding) => ({ code: finding.id, message: `${finding.title}: ${finding.detail}` })),
          hints: failed.flatMap((finding) => (finding.command === undefined ? [] : [finding.command])).slice(0, 3),
        },
      );
    }
    await clients.clock.sleep(LOOK_MS, interrupt);
  }
}
