import type { Finding } from '../../findings/finding.ts';
import type { IgnoredFinding, Site } from '../../site/site.ts';
import type { Change } from '../stack.ts';
import type { IgnoredChange } from './result.ts';

/** The id under which infra.yaml's `ignore` accepts drift; its subject is `STACK` or `STACK:ADDRESS`, `*` for any text. */
const DRIFT_FINDING = 'stack.drift';

/** Changes of one stack, parted into those that count and those that are accepted. */
export type Parted = { readonly changes: readonly Change[]; readonly ignored: readonly IgnoredChange[] };

/** Parts what infra.yaml accepts from what it does not. An entry counts to the end of its day, UTC. */
export function partIgnored(site: Site, stack: string, changes: readonly Change[], now: Date): Parted {
  const entries = driftEntries(site).filter((entry) => !isExpired(entry, now));
  const ignored: IgnoredChange[] = [];
  const counted: Change[] = [];
  for (const change of changes) {
    const entry = entries.find((one) => matches(one.subject, stack, change.address));
    if (entry === undefined) counted.push(change);
    else ignored.push({ change, reason: entry.reason, expires: entry.expires });
  }
  return { changes: counted, ignored };
}

/** Entries that no longer count: their drift is told again, and so is that somebody wanted to look at it by then. */
export function expiredIgnores(site: Site, now: Date): readonly Finding[] {
  return driftEntries(site)
    .filter((entry) => isExpired(entry, now))
    .map((entry) => ({
      id: 'stack.drift-ignore-expired',
      title: `ignore of ${entry.subject ?? 'all drift'}`,
      verdict: 'WARN',
      detail: `it counted until ${entry.expires}: ${entry.reason}`,
      hint: 'Apply the change, or set a new day in infra.yaml, ignore.',
    }));
}

const driftEntries = (site: Site): readonly IgnoredFinding[] =>
  site.ignore.value.filter(({ finding }) => finding === DRIFT_FINDING);

function isExpired({ expires }: IgnoredFinding, now: Date): boolean {
  return now.toISOString().slice(0, 10) > expires;
}

function matches(subject: string | undefined, stack: string, address: string): boolean {
  if (subject === undefined) return true;
  const at = subject.indexOf(':');
  const [wantedStack, wantedAddress] = at < 0 ? [subject, '*'] : [subject.slice(0, at), subject.slice(at + 1)];
  return isLike(wantedStack, stack) && isLike(wantedAddress, address);
}

/** A pattern in which only `*` is special: addresses hold brackets and quotes. */
function isLike(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
