import type { Tmpfs } from './tmpfs.ts';

/** What a program in a container wrote, and how it ended. */
export type Ran = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** What a program sees of its container. */
export type Surroundings = { readonly shm: Tmpfs; readonly now: number };

/** A small program of GNU coreutils, played. `args` without its own name. */
export type Program = (args: readonly string[], around: Surroundings) => Ran;
