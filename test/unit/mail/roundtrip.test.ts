import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../src/lib/clients/kubernetes/client.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { jobFrom } from '../../../src/lib/mail/roundtrip/job.ts';
import { jobState } from '../../../src/lib/mail/roundtrip/job-state.ts';
import { judgeRoundtrip } from '../../../src/lib/mail/roundtrip/judge-roundtrip.ts';
import { judgeSend, type SendEvidence } from '../../../src/lib/mail/roundtrip/judge-send.ts';
import { readMonitorLog } from '../../../src/lib/mail/roundtrip/monitor-log.ts';
import { type SendClients, sendRoundtrip } from '../../../src/lib/mail/roundtrip/send.ts';
import { fakeClock } from '../../fakes/clock.ts';

const SENT = 'Sent probe email with marker e2e-1763 via API (HTTP 201)';
const BACK = 'Round-trip SUCCESS in 41.0s';

function cronJob(spec: object = {}): KubernetesObject {
  const template = { spec: { containers: [{ name: 'monitor', image: 'python' }], restartPolicy: 'Never' } };
  return {
    metadata: { name: 'email-roundtrip-monitor', namespace: 'mailserver', uid: 'u-1' },
    spec: { jobTemplate: { metadata: { labels: { app: 'monitor' } }, spec: { template, ...spec } } },
  };
}

describe('the Job', () => {
  test('is the template of the CronJob, owned by it, and goes by itself if nobody deletes it', () => {
    const { name, body } = jobFrom(cronJob({ backoffLimit: 0, ttlSecondsAfterFinished: 60 }), 'infra-ab12cd');
    expect(name).toBe('email-roundtrip-monitor-infra-ab12cd');
    expect(body).toMatchObject({
      kind: 'Job',
      metadata: {
        namespace: 'mailserver',
        labels: { app: 'monitor', 'app.kubernetes.io/managed-by': 'infra' },
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [{ kind: 'CronJob', name: 'email-roundtrip-monitor', uid: 'u-1', controller: true }],
      },
      spec: { backoffLimit: 0, ttlSecondsAfterFinished: 600, template: { spec: { restartPolicy: 'Never' } } },
    });
  });

  test.each([
    ['its own deadline', { activeDeadlineSeconds: 500, backoffLimit: 3 }, 530],
    ['that of its pod, for each attempt', { backoffLimit: 1, template: { spec: { activeDeadlineSeconds: 400 } } }, 830],
    ['none: what the slowest monitor needs', {}, 450],
  ])('may take as long as %s', (_, spec, seconds) => {
    expect(jobFrom(cronJob(spec), 'x').waitMs).toBe(seconds * 1000);
  });

  test('has a name that fits, whatever the CronJob is called', () => {
    const long = { ...cronJob(), metadata: { name: 'm'.repeat(52), namespace: 'mailserver' } };
    expect(jobFrom(long, 'infra-ab12cd').name.length).toBeLessThanOrEqual(57);
  });

  test('cannot be made of a CronJob without a template', () => {
    expect(() => jobFrom({ metadata: { name: 'x' }, spec: {} }, 'y')).toThrow(/no template/);
  });
});

describe('the state of a Job', () => {
  const job = (...conditions: object[]): KubernetesObject => ({ metadata: { name: 'j' }, status: { conditions } });
  const pod = (status: object, name = 'p', creationTimestamp = '2026-11-20T12:00:00Z'): KubernetesObject => ({
    metadata: { name, creationTimestamp },
    status: status as Record<string, unknown>,
  });

  test.each<[string, KubernetesObject | undefined, readonly KubernetesObject[], object]>([
    ['gone', undefined, [], { phase: 'gone' }],
    ['without a pod', job(), [], { phase: 'waiting' }],
    [
      'with a pod that begins',
      job(),
      [pod({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] })],
      { phase: 'waiting', pod: 'p' },
    ],
    [
      'without its image',
      job(),
      [pod({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] })],
      { phase: 'waiting', why: 'ImagePullBackOff', pod: 'p' },
    ],
    [
      'without a node',
      job(),
      [pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] })],
      { phase: 'waiting', why: 'Unschedulable', pod: 'p' },
    ],
    ['running', job(), [pod({ phase: 'Running' })], { phase: 'running', pod: 'p' }],
    [
      'complete',
      job({ type: 'Complete', status: 'True' }),
      [pod({ phase: 'Succeeded' })],
      { phase: 'complete', pod: 'p' },
    ],
    [
      'not complete any more',
      job({ type: 'Complete', status: 'False' }),
      [pod({ phase: 'Running' })],
      { phase: 'running', pod: 'p' },
    ],
    [
      'failed',
      job({ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' }),
      [],
      { phase: 'failed', why: 'DeadlineExceeded' },
    ],
    [
      'failed while its pod still waited for its image',
      job({ type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded' }),
      [pod({ phase: 'Failed', containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] })],
      { phase: 'failed', why: 'DeadlineExceeded', hasRun: false, pod: 'p' },
    ],
    [
      'failed after it had run',
      job({ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }),
      [pod({ phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 1 } } }] })],
      { phase: 'failed', why: 'BackoffLimitExceeded', hasRun: true, pod: 'p' },
    ],
    [
      'at its second attempt',
      job(),
      [pod({ phase: 'Running' }, 'new', '2026-11-20T12:01:00Z'), pod({ phase: 'Failed' }, 'old')],
      { phase: 'running', pod: 'new' },
    ],
  ])('%s', (_, of, pods, expected) => {
    expect(jobState(of, pods)).toEqual(expected);
  });
});

describe('the half that failed', () => {
  const judged = (lines: readonly string[], phase: SendEvidence['phase'], more: Partial<SendEvidence> = {}) => {
    const { half, verdict } = judgeSend({ phase, waitedMs: 400_000, log: readMonitorLog(lines), ...more });
    return `${verdict} ${half}`;
  };

  test.each<[string, readonly string[], SendEvidence['phase'], string]>([
    ['none', [SENT, BACK], 'complete', 'PASS none'],
    ['none, and the metrics could not be pushed', [SENT, BACK, 'ERROR: push gateway refused'], 'failed', 'WARN none'],
    ['sending: the key', ['ERROR: API returned HTTP 401 unauthorized'], 'failed', 'FAIL sending'],
    ['sending: the provider', ['ERROR: HTTP 503'], 'failed', 'FAIL sending'],
    ['receiving', [SENT, 'Round-trip FAILED: marker not found'], 'failed', 'FAIL receiving'],
    ['receiving, though it ended with 0', [SENT, 'Round-trip FAILED'], 'complete', 'FAIL receiving'],
    ['receiving, within the deadline', [SENT], 'failed', 'FAIL receiving'],
    ['receiving, and nobody stopped it', [SENT], 'running', 'FAIL receiving'],
    [
      'reading the mailbox',
      [SENT, 'IMAP attempt 1 failed: connection refused', 'Round-trip FAILED'],
      'failed',
      'FAIL mailbox',
    ],
    [
      'receiving: what was not found did not come',
      [SENT, 'IMAP attempt 1: no such marker found, mail still missing', 'Timed out'],
      'failed',
      'FAIL receiving',
    ],
    ['unknown: nothing received yet', ['received 0 mail messages'], 'running', 'UNKNOWN unclear'],
    ['none: found in other words', [SENT, 'found the probe mail in INBOX'], 'complete', 'PASS none'],
    ['unknown: other words, it ended well', ['all good'], 'complete', 'PASS none'],
    ['unknown: other words, it failed', ["KeyError: 'MARKER'"], 'failed', 'FAIL unclear'],
    ['unknown: nothing was said', [], 'running', 'UNKNOWN unclear'],
    ['it never started', [], 'waiting', 'UNKNOWN not-started'],
    ['somebody deleted it', [], 'gone', 'UNKNOWN unclear'],
  ])('%s', (_, lines, phase, expected) => {
    expect(judged(lines, phase)).toBe(expected);
  });

  test('is told without a log where there is none, with the reason', () => {
    const without = judgeSend({ phase: 'failed', waitedMs: 1, noLog: 'HTTP 403 Forbidden' });
    expect(without).toMatchObject({
      verdict: 'FAIL',
      half: 'unclear',
      detail: 'the Job failed; its log could not be read: HTTP 403 Forbidden',
    });
  });

  test('a Job that ended before its pod ran says nothing of mail', () => {
    const why = { phase: 'failed', why: 'DeadlineExceeded', waitedMs: 1, waitingFor: 'ImagePullBackOff' } as const;
    expect(judgeSend({ ...why, noLog: 'HTTP 404 NotFound' })).toMatchObject({
      verdict: 'UNKNOWN',
      half: 'not-started',
      detail: 'the Job ended (DeadlineExceeded) before its pod ran: ImagePullBackOff',
    });
    expect(judgeSend({ ...why, log: readMonitorLog([SENT]) })).toMatchObject({ half: 'receiving' });
  });

  test('an earlier bounce at the sender is told', () => {
    expect(readMonitorLog(['WARN: x@example.com was blocked at the relay, unblocked', SENT, BACK])).toMatchObject({
      wasBlocked: true,
      cameBack: true,
      seconds: 41,
    });
  });

  test('a log is read without a crash, in bounded size and without passwords', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 60 }), (lines) => {
        const log = readMonitorLog([
          ...lines,
          'IMAP attempt 1 failed: user=probe password=sesame-open-4711 api-key: sesame-open-4711',
        ]);
        expect(log.lines.length).toBeLessThanOrEqual(40);
        expect(JSON.stringify(log)).not.toContain('sesame-open-4711');
      }),
    );
  });
});

describe('the last one', () => {
  const last = {
    source: 'CronJob',
    lastSuccess: '2026-11-20T11:30:00Z',
    lastCameBack: undefined,
    suspended: false,
  } as const;
  const at = (text: string) => judgeRoundtrip({ state: 'answered', value: last }, new Date(text)).verdict;

  test('is fresh for 40 minutes', () => {
    expect([at('2026-11-20T12:10:00Z'), at('2026-11-20T12:11:30Z')]).toEqual(['PASS', 'FAIL']);
  });

  test('is unknown when nobody can say', () => {
    expect(judgeRoundtrip({ state: 'no-answer', reason: 'unreachable', message: 'No.' }, new Date())).toMatchObject({
      verdict: 'UNKNOWN',
    });
  });
});

/** A cluster with one Job that goes through these states, one a look, and a log. */
function cluster(
  states: readonly ('running' | 'complete' | 'gone' | Error)[],
  more: Partial<SendClients['kubernetes']> = {},
) {
  const clock = fakeClock();
  const asked: string[] = [];
  const left = [...states];
  const ended = { metadata: { name: 'j' }, status: { conditions: [{ type: 'Complete', status: 'True' }] } };
  const kubernetes: SendClients['kubernetes'] = {
    create: async () => {
      asked.push('create');
      return { metadata: { name: 'j' } };
    },
    delete: async (kind, name) => {
      asked.push(`delete ${kind.plural} ${name}`);
      return true;
    },
    get: async () => {
      const state = left.length > 1 ? left.shift() : left[0];
      if (state instanceof Error) throw state;
      return state === 'gone' ? undefined : state === 'complete' ? ended : { metadata: { name: 'j' } };
    },
    list: async () => [{ metadata: { name: 'j-1' }, status: { phase: 'Running' } }],
    async *logs() {
      yield SENT;
      if (left[0] === 'complete') yield BACK;
    },
    ...more,
  };
  return { clients: { clock, kubernetes }, asked, clock };
}

describe('sending', () => {
  const job = jobFrom(cronJob({ activeDeadlineSeconds: 60 }), 'infra-1');
  const options = (signal = new AbortController().signal) => {
    const said: string[] = [];
    return { signal, said, say: (line: string) => said.push(line) };
  };
  const down = new InfraError('kubernetes.unreachable', 'unavailable', 'gone');

  test('creates, waits, reads and deletes, once each', async () => {
    const { clients, asked } = cluster(['running', 'running', 'complete']);
    const run = options();
    const { evidence, left } = await sendRoundtrip(clients, job, run);
    expect(evidence).toMatchObject({ phase: 'complete', log: { cameBack: true } });
    expect([left, asked]).toEqual([undefined, ['create', `delete jobs ${job.name}`]]);
    expect(run.said).toContain('The mail is sent.');
  });

  test('waits as long as the Job’s own deadline and its margin, and no longer', async () => {
    const { clients, clock } = cluster(['running']);
    const { evidence } = await sendRoundtrip(clients, job, options());
    expect(evidence.phase).toBe('running');
    expect(clock.monotonic()).toBeGreaterThanOrEqual(90_000);
    expect(clock.monotonic()).toBeLessThan(100_000);
  });

  test.each([
    ['ran after all', { terminated: { exitCode: 1 } }, 'unclear'],
    ['never ran', { waiting: { reason: 'ImagePullBackOff' } }, 'not-started'],
  ])('a pod that waited for its image and %s', async (_, state, half) => {
    const pods = [{ waiting: { reason: 'ImagePullBackOff' } }, state].map((each, at) => ({
      metadata: { name: 'j-1' },
      status: { phase: at === 0 ? 'Pending' : 'Failed', containerStatuses: [{ state: each }] },
    }));
    const failed = { metadata: { name: 'j' }, status: { conditions: [{ type: 'Failed', status: 'True' }] } };
    const jobs = [{ metadata: { name: 'j' } }, failed];
    const { clients } = cluster([], {
      get: async () => jobs.shift(),
      list: async () => pods.splice(0, 1),
      logs: () => {
        throw new InfraError('kubernetes.denied', 'denied', 'HTTP 403 Forbidden');
      },
    });
    const { evidence } = await sendRoundtrip(clients, job, options());
    expect(judgeSend(evidence).half).toBe(half);
  });

  test('goes on when the cluster does not answer for a while', async () => {
    const { clients, asked } = cluster([down, down, 'complete']);
    expect((await sendRoundtrip(clients, job, options())).evidence.phase).toBe('complete');
    expect(asked).toHaveLength(2);
  });

  test('takes the Job away when it is interrupted, and says what was known', async () => {
    const controller = new AbortController();
    const { clients, asked } = cluster(['running']);
    const run = options(controller.signal);
    const say = (line: string) => {
      run.say(line);
      if (line === 'The mail is sent.') controller.abort(new Error('Ctrl-C'));
    };
    const sent = await sendRoundtrip(clients, job, { ...run, say });
    expect(sent).toMatchObject({
      interrupted: { message: 'Ctrl-C' },
      evidence: { phase: 'running', log: { isSent: true } },
    });
    expect(asked).toEqual(['create', `delete jobs ${job.name}`]);
  });

  test('takes the Job away when looking at it is refused in the middle', async () => {
    const denied = new InfraError('kubernetes.denied', 'denied', 'no');
    const { clients, asked } = cluster(['running', denied]);
    await expect(sendRoundtrip(clients, job, options())).rejects.toBe(denied);
    expect(asked).toEqual(['create', `delete jobs ${job.name}`]);
  });

  test('deletes what may have been made when the answer to its creation got lost', async () => {
    const { clients, asked } = cluster(['running'], { create: async () => Promise.reject(down) });
    await expect(sendRoundtrip(clients, job, options())).rejects.toBe(down);
    expect(asked).toEqual([`delete jobs ${job.name}`]);
  });

  test('deletes nothing when nothing was made', async () => {
    const denied = new InfraError('kubernetes.denied', 'denied', 'no');
    const { clients, asked } = cluster([], { create: async () => Promise.reject(denied) });
    await expect(sendRoundtrip(clients, job, options())).rejects.toBe(denied);
    expect(asked).toEqual([]);
  });

  test('says what to type when the Job cannot be deleted', async () => {
    const { clients } = cluster(['complete'], { delete: async () => Promise.reject(down) });
    const { left } = await sendRoundtrip(clients, job, options());
    expect(left).toMatchObject({ code: 'mail.roundtrip-left', status: 'incomplete' });
    expect(left?.hints[0]).toBe(`kubectl -n mailserver delete job ${job.name}`);
  });

  test('gives up on a Job that does not start', async () => {
    const { clients, clock } = cluster(['running'], { list: async () => [] });
    const { evidence } = await sendRoundtrip(clients, jobFrom(cronJob(), 'x'), options());
    expect(evidence.phase).toBe('waiting');
    expect(clock.monotonic()).toBeLessThan(130_000);
  });

  test('does nothing at all once it is interrupted', async () => {
    const { clients, asked } = cluster(['running']);
    await expect(sendRoundtrip(clients, job, options(AbortSignal.abort(new Error('Ctrl-C'))))).rejects.toThrow(
      'Ctrl-C',
    );
    expect(asked).toEqual([]);
  });
});
