import { fail, pass, type RecordJudgement, unknown, warn } from '../dns-rows.ts';

/** What stands at a name that an SPF record includes. */
export type Included =
  | { readonly state: 'record'; readonly text: string }
  | { readonly state: 'missing' }
  | { readonly state: 'no-answer'; readonly reason: string };

/** Terms that cost the receiver a look-up, and how many are allowed (RFC 7208 §4.6.4). */
const COSTS = /^[+?~-]?(?:include:|exists:|(?:a|mx|ptr)(?=[:/]|$))|^redirect=/i;
export const MAX_LOOKUPS = 10;
const TERM =
  /^(?:[+?~-]?(?:all|include:\S+|exists:\S+|ip4:\S+|ip6:\S+|(?:a|mx|ptr)(?:[:/]\S+)?)|[a-z][a-z0-9_.-]*=\S*)$/i;

/** The SPF records among TXT records. */
export function spfAmong(records: readonly string[]): readonly string[] {
  return records.filter((text) => /^v=spf1(?: |$)/i.test(text));
}

/** Names of further records that belong to this one; those with macros cannot be known before a mail comes. */
export function includesIn(record: string): readonly string[] {
  return terms(record).flatMap((term) => {
    const name = /^(?:[+?~-]?include:|redirect=)(\S+)$/i.exec(term)?.[1];
    return name === undefined || name.includes('%') ? [] : [name.toLowerCase()];
  });
}

/** Judges the TXT records of a domain. `included` knows what stands at the names that they include. */
export function judgeSpf(records: readonly string[], included: (name: string) => Included): RecordJudgement {
  const found = spfAmong(records);
  const [record] = found;
  if (record === undefined) {
    return fail('missing', 'there is no SPF record', 'Publish one TXT record: v=spf1 … ~all');
  }
  if (found.length > 1) {
    return fail(
      'several',
      `${found.length} SPF records: receivers use none (permerror)`,
      'Merge them into one record.',
    );
  }
  const odd = terms(record).find((term) => !TERM.test(term));
  if (odd !== undefined)
    return fail('malformed', `"${odd}" is no term of SPF`, 'Receivers use none of a record with an error.');
  const spent = spend(record, included, new Set());
  if (spent.missing !== undefined) {
    return fail(
      'include-missing',
      `it includes ${spent.missing}, which has no SPF record`,
      'Take the include out, or correct its name.',
    );
  }
  if (spent.lookups > MAX_LOOKUPS) {
    return fail(
      'lookups',
      `${spent.lookups} look-ups, ${MAX_LOOKUPS} are allowed`,
      'Replace includes by ip4: and ip6: where you can.',
    );
  }
  if (spent.noAnswer !== undefined) return unknown(spent.noAnswer, 'an included record could not be read');
  return endOf(record, spent.lookups);
}

function endOf(record: string, lookups: number): RecordJudgement {
  const all = terms(record)
    .find((term) => /^[+?~-]?all$/i.test(term))
    ?.toLowerCase();
  const cost = `${lookups} of ${MAX_LOOKUPS} look-ups`;
  if (all === '-all' || all === '~all') return pass(`ends in ${all}, ${cost}`);
  if (all === '?all')
    return warn('neutral', 'ends in ?all: it says nothing about other senders', 'End it in ~all or -all.');
  if (all !== undefined)
    return fail('open', `ends in ${all}: everybody may send as this domain`, 'End it in ~all or -all.');
  if (terms(record).some((term) => /^redirect=/i.test(term))) return pass(`goes on at another record, ${cost}`);
  return warn('no-end', 'has no "all" at its end: it says nothing about other senders', 'End it in ~all or -all.');
}

type Spent = { readonly lookups: number; readonly missing?: string; readonly noAnswer?: string };

/** Counts over all included records; one that includes itself is counted until the limit is passed. */
function spend(record: string, included: (name: string) => Included, above: ReadonlySet<string>): Spent {
  const own = terms(record).filter((term) => COSTS.test(term)).length;
  let spent: Spent = { lookups: own };
  for (const name of includesIn(record)) {
    // A circle never ends for the receiver.
    if (above.has(name)) return { ...spent, lookups: MAX_LOOKUPS + 1 };
    const target = included(name);
    if (target.state === 'missing') return { ...spent, missing: name };
    if (target.state === 'no-answer') spent = { ...spent, noAnswer: target.reason };
    else {
      const inner = spend(target.text, included, new Set([...above, name]));
      spent = { ...spent, ...inner, lookups: spent.lookups + inner.lookups };
      if (inner.missing !== undefined) return spent;
    }
  }
  return spent;
}

function terms(record: string): readonly string[] {
  return record
    .split(/ +/)
    .slice(1)
    .filter((term) => term !== '');
}
