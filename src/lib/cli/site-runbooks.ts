import type { Runbook } from '../diagnosis/runbook.ts';
import { InfraError } from '../errors.ts';
import { SUBJECTS } from '../runbooks/catalogue.ts';
import { invalidRunbooks, readOwnRunbooks, type SiteRunbooks } from '../runbooks/own/read.ts';
import { trustSubjects } from '../site/addresses.ts';
import { isTrusted, readTrust, untrustedError } from '../site/trust.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import { shownSite } from './shown-site.ts';
import { nearest, unknownName } from './suggest.ts';

/** Words that follow `infra diagnose` and are commands, not subjects. */
const COMMANDS = ['logs', 'site'];

/** The site's own runbooks to read, and what is wrong with the others; none outside of a repository. Nothing is asked. */
export async function siteRunbooks(context: Context): Promise<SiteRunbooks> {
  const { files } = await context.clients('files');
  return await readOwnRunbooks(files, await shownSite(context), [...SUBJECTS, ...COMMANDS]);
}

/**
 * The site's own runbook of a subject, to be asked: once it was accepted on this machine, because its probes run with the
 * user's credentials. Errors: `usage.unknown-subject` (64), `runbook.invalid` (78) when only a bad file could hold it,
 * `config.untrusted` (78).
 */
export async function trustedRunbook(subject: string, host: Host, context: Context): Promise<Runbook> {
  const site = await context.site('read');
  const { runbooks, violations } = await siteRunbooks(context);
  const found = runbooks.find(({ runbook }) => runbook.subject === subject);
  if (found === undefined) {
    if (violations.length > 0) throw invalidRunbooks(violations);
    throw unknownSubject(subject, [...SUBJECTS, ...runbooks.map(({ runbook }) => runbook.subject)]);
  }
  const wanted = trustSubjects(site).find((one) => one.subject === `runbook ${found.entry}`);
  const { files } = await context.clients('files');
  const trust = await readTrust(files, { ...host.env, HOME: host.home }, site.root.value);
  if (wanted !== undefined && !isTrusted(trust, wanted.subject)) throw untrustedError(wanted);
  return found.runbook;
}

/** The site's own runbook of a subject, to be read. Errors: `usage.unknown-runbook` (64), `runbook.invalid` (78). */
export async function readableRunbook(subject: string, context: Context): Promise<Runbook> {
  const { runbooks, violations } = await siteRunbooks(context);
  const found = runbooks.find(({ runbook }) => runbook.subject === subject);
  if (found !== undefined) return found.runbook;
  if (violations.length > 0) throw invalidRunbooks(violations);
  throw unknownName('runbook', subject, [...SUBJECTS, ...runbooks.map(({ runbook }) => runbook.subject)]);
}

function unknownSubject(subject: string, known: readonly string[]): InfraError {
  const meant = nearest(subject, known).map((name) => `Did you mean: infra diagnose ${name}`);
  return new InfraError('usage.unknown-subject', 'usage', `There is no subject "${subject}" to diagnose.`, {
    hints: meant.length > 0 ? meant : [`There are: ${[...known, 'logs'].join(', ')}`, 'infra runbook list'],
  });
}
