import type { MailWorld } from '../mail/world.ts';
import type { World } from '../world.ts';
import type { Setting } from './authentik/build.ts';
import { operatorMay, READING } from './authentik/operators.ts';
import { healthyWorld } from './healthy.ts';

/** How a mail ends that is sent around now; the last one came round as long ago as it says. */
const ROUND = {
  /** The key of the sender's API was revoked. */
  'mail-round-key-refused': { monitor: 'key-refused', roundtripMinutesAgo: 65 },
  /** It is sent, and lost on the way. */
  'mail-round-not-arriving': { monitor: 'not-arriving', roundtripMinutesAgo: 65 },
  /** The monitor's login at the mailbox is wrong. */
  'mail-round-mailbox-shut': { monitor: 'mailbox-shut', roundtripMinutesAgo: 200 },
  /** The registry does not give the image any more. */
  'mail-round-no-image': { monitor: 'no-image', roundtripMinutesAgo: 65 },
  /** It is sent, and waits somewhere. */
  'mail-round-slow': { monitor: 'slow', roundtripMinutesAgo: 35 },
  /** The script dies of a mistake of its own. */
  'mail-round-unreadable': { monitor: 'unreadable', roundtripMinutesAgo: 95 },
  /** Only the rights of whoever asks are not sufficient. */
  'mail-round-forbidden': {},
} as const satisfies Readonly<Record<string, MailWorld>>;

const MAY_LOOK = [{ apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: ['get', 'list', 'watch'] }];

/** A healthy platform whose monitor does not get its mail back, or on which nobody may send one. */
export function mailRoundWorld(name: keyof typeof ROUND, setting?: Setting): World {
  const world = { ...healthyWorld(setting), mail: ROUND[name] };
  return name === 'mail-round-forbidden' ? operatorMay(READING, MAY_LOOK)(world) : world;
}
