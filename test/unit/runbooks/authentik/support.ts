import type { EvidenceState, Given, SubjectOptions } from '../../../../src/lib/diagnosis/probe.ts';
import type { HopFact, LegEvidence } from '../../../../src/lib/runbooks/authentik/evidence/edge.ts';
import type { ShmFact } from '../../../../src/lib/runbooks/authentik/evidence/shm.ts';
import type { LogEvidence, LogFind, LogWindow } from '../../../../src/lib/runbooks/evidence/log-window.ts';
import type { ContainerFact, PodFact } from '../../../../src/lib/runbooks/evidence/pods.ts';

export const NOW = '2026-04-18T12:40:00Z';
export const MIB = 1024 * 1024;

/** Evidence of other probes by id; what is left out had no answer. */
export function given(answers: Readonly<Record<string, unknown>> = {}, options: SubjectOptions = {}): Given {
  const evidence = <T>(id: string): EvidenceState<T> =>
    id in answers
      ? { state: 'answered', value: answers[id] as T }
      : { state: 'no-answer', reason: 'forbidden', message: 'not allowed' };
  return {
    at: new Date(NOW),
    options,
    evidence,
    answer: <T>(id: string): T => {
      const found = evidence<T>(id);
      if (found.state === 'no-answer') throw new Error(`no answer from ${id}`);
      return found.value;
    },
  };
}

export function container(more: Partial<ContainerFact> = {}): ContainerFact {
  return {
    name: 'proxy',
    image: 'ghcr.io/goauthentik/proxy:2026.2.2',
    ready: true,
    restarts: 0,
    runningSince: '2026-04-15T09:21:00Z',
    database: 'no',
    ...more,
  };
}

/** A ready pod of the outpost as it was in April: one, without the database. */
export function outpostPod(more: Partial<PodFact> = {}, inside: Partial<ContainerFact> = {}): PodFact {
  return {
    name: 'ak-outpost-a',
    namespace: 'authentik',
    labels: {
      'goauthentik.io/outpost-name': 'authentik-embedded-outpost',
      'app.kubernetes.io/name': 'authentik-outpost-proxy',
      'app.kubernetes.io/managed-by': 'goauthentik.io',
    },
    phase: 'Running',
    ready: true,
    leaving: false,
    node: 'node1',
    startedAt: '2026-04-15T09:21:00Z',
    containers: [container(inside)],
    ...more,
  };
}

export function serverPod(name = 'goauthentik-server-a', more: Partial<PodFact> = {}): PodFact {
  return outpostPod({
    name,
    labels: { 'app.kubernetes.io/name': 'authentik', 'app.kubernetes.io/component': 'server' },
    containers: [container({ name: 'server', database: 'maybe' })],
    ...more,
  });
}

export function find(finding: string, more: Partial<LogFind> = {}): LogFind {
  return {
    signature: 'AG1',
    kind: 'cause',
    finding,
    rootCause: 'x',
    meaning: 'a meaning',
    count: 12,
    first: '2026-04-16T17:00:00Z',
    last: '2026-04-18T12:39:00Z',
    sample: 'a line',
    ...more,
  };
}

export function logWindow(more: Partial<LogWindow> = {}): LogWindow {
  return {
    pod: 'ak-outpost-a',
    container: 'proxy',
    window: 'newest',
    lines: 900,
    served: 300,
    found: [],
    unknown: 0,
    ...more,
  };
}

export function logs(...read: readonly LogWindow[]): LogEvidence {
  return { read, missed: [] };
}

export function shm(more: Partial<ShmFact> = {}): ShmFact {
  return {
    pod: 'ak-outpost-a',
    sizeBytes: 64 * MIB,
    usedBytes: 1000 * 4096,
    files: 1000,
    otherFiles: 0,
    otherBytes: 0,
    at: NOW,
    ...more,
  };
}

/** A first answer of a host; without more it leads to the login. */
export function hop(host: string, more: Partial<HopFact> = {}): HopFact {
  const login = { host: 'auth.example.com', path: '/application/o/authorize/' };
  return {
    host,
    path: '/',
    status: 302,
    ...('status' in more || 'reason' in more ? {} : { location: login }),
    ...more,
  };
}

export function leg(...hops: readonly HopFact[]): LegEvidence {
  return { by: 'somewhere', hosts: hops.map((first) => ({ first, hops: [] })) };
}

/** A host that did not answer. */
export function silent(host: string, reason = 'unreachable'): HopFact {
  return { host, path: '/', reason, message: 'refused' };
}
