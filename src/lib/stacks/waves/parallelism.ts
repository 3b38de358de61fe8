/** What the machine, or the container that infra runs in, has. `memoryBytes` is the smaller of machine and cgroup. */
export type Capacity = { readonly cores: number; readonly memoryBytes: number };

/** terragrunt, tofu and a handful of providers that plan one stack; providers for cloud APIs take 100 to 300 MB each. */
const BYTES_A_STACK = 768 * 1024 * 1024;
/** Plans wait for APIs more than they compute. */
const STACKS_A_CORE = 2;
const AT_MOST = 16;

/** How many stacks may be worked on at once when nobody says so; at least 1. */
export function defaultParallelism({ cores, memoryBytes }: Capacity): number {
  const byMemory = Math.floor(memoryBytes / BYTES_A_STACK);
  return Math.max(1, Math.min(cores * STACKS_A_CORE, byMemory, AT_MOST));
}
