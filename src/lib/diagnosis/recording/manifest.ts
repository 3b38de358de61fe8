import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Collected, Recorded } from '../collected.ts';
import type { Json } from '../json.ts';

/** The file that makes a folder a recording. */
export const MANIFEST = 'manifest.json';
/** The folder of the probes' files. */
export const PROBES = 'probes';
/** Raised when an older infra could not read a recording any more. */
export const RECORDING_FORMAT = 'infra-recording/1';

const moment = z.iso.datetime();
const options = z.record(z.string(), z.json());

const ignore = z.object({
  finding: z.string(),
  subject: z.string().optional(),
  reason: z.string(),
  expires: z.string(),
});

/** A path inside the recording: no other file is ever read for it. */
const innerPath = z.string().regex(/^probes\/[A-Za-z0-9_-][A-Za-z0-9._-]*\.json$/, 'is not a file of a recording');

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'is no sha256');

/** manifest.json. */
export const manifestSchema = z.object({
  format: z.literal(RECORDING_FORMAT),
  version: z.string(),
  run: z.object({
    subject: z.string(),
    at: moment,
    durationMs: z.int().nonnegative(),
    reviews: z.int().nonnegative(),
    options,
    selected: z.array(z.string()),
    ignore: z.array(ignore),
    ended: z.enum(['complete', 'deadline', 'interrupted']),
    isKept: z.boolean(),
  }),
  files: z.array(z.object({ path: innerPath, sha256: digest })),
  sha256: digest,
});

const evidence = z.discriminatedUnion('state', [
  // Whatever JSON.parse gives is JSON: looking at each of a hundred thousand entries again would only take time.
  z.object({ state: z.literal('answered'), value: z.custom<Json>((value) => value !== undefined) }),
  z.object({ state: z.literal('no-answer'), reason: z.string(), message: z.string() }),
]);

/** One file of the folder `probes`. */
export const collectedSchema = z.object({
  id: z.string(),
  at: moment,
  durationMs: z.int().nonnegative(),
  requests: z.record(z.string(), z.int().nonnegative()),
  byHand: z.string(),
  evidence,
  isSkipped: z.literal(true).optional(),
  blockedBy: z.string().optional(),
});

/** What manifest.json holds. */
export type Manifest = {
  readonly format: typeof RECORDING_FORMAT;
  readonly version: string;
  readonly run: Omit<Recorded, 'collected'>;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** `manifestDigest` of all the rest. */
  readonly sha256: string;
};

/**
 * The sha256 of a manifest without its own `sha256`, however it is spaced and ordered. It tells what was cut or changed by
 * accident; whoever means to deceive can compute it again.
 */
export function manifestDigest(manifest: object): string {
  const { sha256: _, ...rest } = manifest as { readonly sha256?: unknown };
  return createHash('sha256').update(canonical(rest)).digest('hex');
}

/** JSON with the keys of every object in order and no white space. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** A probe's file as it was parsed: absent keys may be undefined there. */
export function collectedOf(parsed: z.infer<typeof collectedSchema>): Collected {
  const { isSkipped, blockedBy, ...rest } = parsed;
  return {
    ...rest,
    ...(isSkipped === undefined ? {} : { isSkipped }),
    ...(blockedBy === undefined ? {} : { blockedBy }),
  };
}
