import { InfraError } from '../../errors.ts';
import { makeRedactor } from '../../secrets/redaction.ts';
import type { Finished } from '../process/client.ts';
import { failureOf } from './diagnostics.ts';
import { badOutput } from './versions.ts';

/**
 * The one JSON document in a program's output, or undefined when the output is empty. Hooks may print lines around
 * it. A failed run is `terragrunt.failed` (69); neither error quotes the output, which holds secrets in clear.
 */
export function readJson(ran: Finished, what: string): unknown {
  if (ran.exitCode !== 0) {
    const reason = failureOf(ran).find(({ severity }) => severity === 'error')?.summary ?? '';
    throw new InfraError('terragrunt.failed', 'unavailable', `${what} failed: ${makeRedactor().redact(reason)}.`);
  }
  if (ran.stdout.trim() === '') return undefined;
  const lines = ran.stdout.split('\n').filter((line) => line.startsWith('{'));
  for (const candidate of [ran.stdout, ...lines.sort((a, b) => b.length - a.length)]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // Not this one; when none is JSON the error below says so.
    }
  }
  throw badOutput(what, 'JSON');
}
