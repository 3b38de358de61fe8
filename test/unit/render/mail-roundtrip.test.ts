import { expect, test } from 'vitest';
import { judgeSend } from '../../../src/lib/mail/roundtrip/judge-send.ts';
import { readMonitorLog } from '../../../src/lib/mail/roundtrip/monitor-log.ts';
import { roundtripNextSteps } from '../../../src/lib/mail/roundtrip/next-steps.ts';
import { roundtripText } from '../../../src/lib/render/mail-roundtrip.ts';
import { makeStyle } from '../../../src/lib/render/style.ts';
import { fakeSite } from '../../fakes/site.ts';

test.each([80, 50])('a mail that does not arrive, on %i columns', async (width) => {
  const log = readMonitorLog([
    'Sent probe email with marker e2e-1763 via API (HTTP 201)',
    'Round-trip FAILED: marker not found',
  ]);
  const { half, ...judged } = judgeSend({ phase: 'failed', why: 'BackoffLimitExceeded', waitedMs: 381_000, log });
  const finding = { id: 'mail.roundtrip', title: 'roundtrip', ...judged };
  const sent = { job: 'email-roundtrip-monitor-infra-ab12cd', log: log.lines, isDeleted: true };
  const style = makeStyle({ colorLevel: 0, unicode: true, width });
  const text = roundtripText(style, finding, roundtripNextSteps(half, fakeSite()), sent);
  await expect(`${text}\n`).toMatchFileSnapshot(`../../golden/mail/roundtrip-not-arriving-${width}.txt`);
});
