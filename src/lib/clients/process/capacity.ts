import { availableParallelism, totalmem } from 'node:os';

/**
 * Cores that this process may use, and the memory limit in bytes: the cgroup's (v1 and v2, by libuv) where there is one,
 * else the machine's.
 */
export function readCapacity(): { readonly cores: number; readonly memoryBytes: number } {
  const limit = process.constrainedMemory();
  const total = totalmem();
  // 0 and numbers near 2^64 stand for "no limit".
  return { cores: availableParallelism(), memoryBytes: limit > 0 && limit < total ? limit : total };
}
