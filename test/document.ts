import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The keys that every document has; the payload's are beside them. */
export type PrintedDocument = {
  readonly schemaVersion: number;
  readonly command: string;
  readonly status: string;
  readonly exitStatus: number;
  readonly error?: { readonly code: string; readonly message: string; readonly hints: readonly string[] };
  readonly [key: string]: unknown;
};

/**
 * The one document on stdout of `infra … --json`, checked against the schema that is published for its command.
 * Throws when stdout is not exactly one document, or when it does not fit.
 */
export function documentOf(stdout: string): PrintedDocument {
  const document = JSON.parse(stdout) as PrintedDocument;
  const name = document.command === '' ? 'unrecognised' : document.command.replaceAll(' ', '-');
  const file = join(import.meta.dirname, '../schemas', `${name}.schema.json`);
  if (!existsSync(file)) throw new Error(`no schema for "${document.command}": npm run generate`);
  // The formats of dates are also patterns in the schemas.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  if (!validate(document)) throw new Error(`${name}: ${ajv.errorsText(validate.errors)}`);
  return document;
}
