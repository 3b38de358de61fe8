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
  files: z.array(z.object({ path: innerPath, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
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
};

/** A probe's file as it was parsed: absent keys may be undefined there. */
export function collectedOf(parsed: z.infer<typeof collectedSchema>): Collected {
  const { isSkipped, blockedBy, ...rest } = parsed;
  return {
    ...rest,
    ...(isSkipped === undefined ? {} : { isSkipped }),
    ...(blockedBy === undefined ? {} : { blockedBy }),
  };
}
