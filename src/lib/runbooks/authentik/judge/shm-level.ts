import type { PodFact } from '../../evidence/pods.ts';
import { maybe } from '../../evidence/shape.ts';
import { outpostContainer } from '../evidence/outposts.ts';
import type { ShmFact } from '../evidence/shm.ts';
import type { Level } from './fill.ts';

/** The level of one container's /dev/shm: its memory limit counts too, because tmpfs is memory of the container. */
export function levelOf(fact: ShmFact, pod: PodFact | undefined): Level {
  const limit = pod === undefined ? undefined : outpostContainer(pod)?.memoryLimitBytes;
  return {
    capacityBytes: Math.min(fact.sizeBytes, limit ?? Number.POSITIVE_INFINITY),
    usedBytes: fact.usedBytes,
    sessionBytes: Math.max(0, fact.usedBytes - fact.otherBytes),
    ...maybe('sessions', sessionsOf(fact)),
  };
}

/** Session files: everything that is nothing else. */
export function sessionsOf({ files, otherFiles }: Pick<ShmFact, 'files' | 'otherFiles'>): number | undefined {
  return files === undefined ? undefined : Math.max(0, files - otherFiles);
}

/** Files a minute between two measurements; undefined without a second one. */
export function sampledRate({ files, at, later }: ShmFact): number | undefined {
  if (files === undefined || later?.files === undefined) return undefined;
  const minutes = (Date.parse(later.at) - Date.parse(at)) / 60_000;
  return minutes <= 0 ? undefined : Math.max(0, later.files - files) / minutes;
}
