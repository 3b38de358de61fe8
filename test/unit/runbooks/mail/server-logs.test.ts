import { describe, expect, test } from 'vitest';
import type { Ask } from '../../../../src/lib/diagnosis/probe.ts';
import { readMailLog } from '../../../../src/lib/runbooks/mail/evidence/read-log.ts';
import { serverClients, serverLogs } from '../../../../src/lib/runbooks/mail/probes/server-logs.ts';
import { kubeletLog, stampedLines } from '../../../fakes/kubelet-log.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { clientsOf } from '../../diagnosis/run-tiny.ts';
import { container, find, given, logs, logWindow, NOW, outpostPod } from '../authentik/support.ts';

const SRS = 'mail.srs-map-unreachable';
const clients = { senders: 12, lost: 0, shown: [] };
const window = (more: Parameters<typeof logWindow>[0] = {}) => logWindow({ pod: 'mailserver-0', ...more });
const evidence = (...read: readonly ReturnType<typeof logWindow>[]) => ({ ...logs(...read), clients }) as never;
const judge = (...read: readonly ReturnType<typeof logWindow>[]) => serverLogs.judge(evidence(...read), given());

describe('the mail server’s log', () => {
  test('with lines and no known failure is well', () => {
    expect(judge(window())).toMatchObject({ verdict: 'PASS' });
  });

  test('that is empty proves nothing, whatever was written before a restart', () => {
    const empty = { lines: 0, served: 0 };
    expect(judge(window(empty), window({ window: 'wider', ...empty }), window({ window: 'previous' }))).toMatchObject({
      ...{ verdict: 'UNKNOWN', reason: 'silent', coverage: { measured: 0, of: 1 } },
    });
  });

  test('shows what stood before a restart for a day, and then only in the timeline', () => {
    const restarted = (last: string) => window({ window: 'previous', found: [find(SRS, { last })] });
    expect(judge(window(), restarted('2026-04-18T02:00:00Z'))).toMatchObject({ verdict: 'FAIL' });
    const judged = judge(window(), restarted('2026-04-16T02:00:00Z'));
    expect(judged).toMatchObject({ verdict: 'PASS', timeline: [{ at: '2026-04-16T02:00:00Z' }] });
    expect(judged.causes).toBeUndefined();
  });

  test('whose newest lines could not be read tells of nobody that all is well', () => {
    const cut = { until: NOW, unread: 'timeout' };
    expect(judge(window({ cut }))).toMatchObject({ verdict: 'UNKNOWN', reason: 'partial' });
    const answers = { 'mail.server.logs': evidence(window({ cut })) };
    expect(serverClients.judge(null, given(answers))).toMatchObject({ verdict: 'UNKNOWN', reason: 'partial' });
  });

  test('that is longer than what is read is read at its end too', async () => {
    const line = (text: string) => `mail postfix/postsrsd[1]: ${text}`;
    const busy = stampedLines(80, NOW, () => line('. '.repeat(250_000)));
    const newest = `2026-04-18T12:40:01.000000000Z mail postfix/smtpd[44]: 4gBn5Tz1Hk: client=mx.example.net[198.51.100.7]`;
    const log = kubeletLog([...busy, newest]);
    const site = fakeSite('/r', { mail: { pod: { container: 'proxy' } } });
    const ask = { client: clientsOf({ kubernetes: log as never }), site, now: new Date(NOW) } as unknown as Ask;
    const found = await readMailLog(ask, outpostPod({ containers: [container()] }));
    expect(found.clients).toMatchObject({ senders: 1 });
    expect(found.read).toMatchObject([{ window: 'newest', cut: { from: expect.stringMatching(/T12:39:4/) } }]);
  });
});
