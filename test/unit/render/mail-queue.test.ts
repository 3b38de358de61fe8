import { expect, test } from 'vitest';
import { checkQueue } from '../../../src/lib/mail/queue/check-queue.ts';
import { mailQueueText } from '../../../src/lib/render/mail-queue.ts';
import { makeStyle } from '../../../src/lib/render/style.ts';
import { queueListing } from '../../../src/sandbox/mail/queue.ts';
import { mailQueueWorld } from '../../../src/sandbox/worlds/mail-queued.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { fakeSite } from '../../fakes/site.ts';

const SITE = fakeSite('/repository', { mail: { ssh: { secondMx: 'backup-mx' } } });

test.each([
  ['mail-queue-local', 80],
  ['mail-queue-local', 50],
  ['mail-queue-second-mx', 100],
] as const)('%s on %i columns', async (name, width) => {
  const clock = fakeClock(new Date('2026-11-20T12:00:00Z'));
  const { mail } = mailQueueWorld(name);
  const listed = (world: Parameters<typeof queueListing>[0] | undefined) => ({
    exitCode: 0,
    stdout: queueListing(world ?? [], clock.now()),
    stderr: '',
  });
  const pod = { metadata: { name: 'mailserver-7d9c5b8f6-x2x4z' }, status: { phase: 'Running' } };
  const check = await checkQueue(
    {
      clock,
      kubernetes: {
        get: async () => undefined,
        list: async () => [pod],
        exec: async () => listed(mail?.queue),
      },
      ssh: { run: async () => ({ ...listed(mail?.secondMxQueue), ms: 20 }) },
    },
    SITE,
  );
  const text = mailQueueText(makeStyle({ colorLevel: 0, unicode: true, width }), check, 234);
  await expect(`${text}\n`).toMatchFileSnapshot(`../../golden/mail/${name}-${width}.txt`);
});
