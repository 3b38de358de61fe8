/**
 * What every `--json` document has in common, and the convention for the files beside this one.
 *
 * One file a command, named like the command, with one export:
 *
 *     // src/lib/documents/user-add.ts
 *     export const userAdd = {
 *       command: 'user add',
 *       payload: z.object({ user: z.string(), findings: z.array(findingDocument) }),
 *     } satisfies CommandDocument;
 *
 * `payload` is the allow-list: what it does not name is not printed. It is built from `z.object` (never loose, never
 * `z.any()`), holds no transform, and dates are ISO 8601 strings. Shared parts live in files that export no `command`
 * (`finding.ts`: `export const findingDocument = z.object({…})`). `npm run generate` writes schemas/user-add.schema.json.
 */
import * as z from 'zod';
import { EXIT, type StatusName } from '../errors.ts';

/** A command's document: the words one types after `infra`, and the keys that follow the envelope's. */
export type CommandDocument<Payload extends z.ZodObject = z.ZodObject> = {
  readonly command: string;
  readonly payload: Payload;
};

/** What a command returns as its payload. */
export type PayloadOf<D extends CommandDocument> = z.input<D['payload']>;

/** Raised only when a key disappears or changes its meaning; new keys do not raise it. */
export const SCHEMA_VERSION = 1;

const STATUS_NAMES = Object.keys(EXIT) as [StatusName, ...StatusName[]];

/** The `error` key: an InfraError without anything that could hold a secret. */
export const errorDocument = z.object({
  code: z.string().describe('Stable, e.g. vault.denied.'),
  message: z.string(),
  hints: z.array(z.string()).describe('What to do or type next.'),
  violations: z.array(z.object({ code: z.string(), message: z.string() })).optional(),
  docs: z.string().optional(),
  cause: z.string().optional(),
});

/** The keys that come first in every document. */
export const envelopeDocument = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  command: z.string().describe('The command without flags and arguments; empty when none was recognised.'),
  status: z.enum(STATUS_NAMES),
  exitStatus: z.int().min(0).max(255).describe('The exit status of the process.'),
  startedAt: z.iso.datetime(),
  durationMs: z.int().nonnegative(),
});

/** The envelope's values, without `error`. */
export type Envelope = z.infer<typeof envelopeDocument>;

/** The `error` key's value. */
export type ErrorDocument = z.infer<typeof errorDocument>;

/** The document of a command that succeeded: envelope, then payload. */
function completeDocument(document: CommandDocument): z.ZodObject {
  return z.object({ ...envelopeDocument.shape, command: z.literal(document.command), ...document.payload.shape });
}

/** The document of a command that failed: whatever part of the payload is known, and `error`. */
function failedDocument(document: CommandDocument): z.ZodObject {
  return z.object({
    ...envelopeDocument.shape,
    command: z.literal(document.command),
    ...document.payload.partial().shape,
    error: errorDocument,
  });
}

/** The whole schema of a command's document: complete, or partial with `error`. */
export function documentSchema(document: CommandDocument): z.ZodType {
  return z.union([failedDocument(document), completeDocument(document)]);
}

/**
 * The JSON text of a document, cut to what its schema names, each string redacted on its own: a redaction over the
 * whole text could swallow a quote. Throws zod's error when the payload does not fit: a defect of the command.
 */
export function serialise(
  document: CommandDocument,
  envelope: Envelope,
  payload: Readonly<Record<string, unknown>>,
  error: ErrorDocument | undefined,
  redact: (text: string) => string,
): string {
  const value = { ...payload, ...envelope, ...(error === undefined ? {} : { error }) };
  const schema = error === undefined ? completeDocument(document) : failedDocument(document);
  return JSON.stringify(schema.parse(value), (_key, item) => (typeof item === 'string' ? redact(item) : item), 2);
}
