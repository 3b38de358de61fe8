import { fail, pass, type RecordJudgement, skip, warn } from '../dns-rows.ts';
import { tagsOf } from './tags.ts';

/** Judges the TXT records at `_dmarc` (RFC 7489 §6.3). */
export function judgeDmarc(records: readonly string[]): RecordJudgement {
  const found = records.filter((text) => /^v=DMARC1\s*(?:;|$)/.test(text));
  const [text] = found;
  if (text === undefined) {
    return fail('missing', 'there is no DMARC record', 'Publish a TXT record: v=DMARC1; p=quarantine; rua=mailto:…');
  }
  if (found.length > 1) return fail('several', `${found.length} DMARC records: receivers use none`, 'Leave one.');
  const tags = tagsOf(text);
  const policy = tags?.get('p')?.toLowerCase();
  if (tags === undefined || policy === undefined || !['none', 'quarantine', 'reject'].includes(policy)) {
    return fail('malformed', 'it has no policy that receivers know', 'p must be none, quarantine or reject.');
  }
  const percent = tags.get('pct') ?? '100';
  if (policy === 'none')
    return warn('policy-none', 'p=none: forged mail is delivered', 'Go on to p=quarantine once the reports are clean.');
  if (percent !== '100') return warn('partial', `p=${policy} for ${percent} % of forged mail only`, 'Set pct=100.');
  return pass(`p=${policy}${tags.has('rua') ? '' : ', nobody gets reports'}`);
}

/** Judges the TXT records at `_mta-sts` (RFC 8461 §3.1). It is optional. */
export function judgeMtaSts(records: readonly string[]): RecordJudgement {
  const found = records.filter((text) => /^v=STSv1\s*(?:;|$)/.test(text));
  const [text] = found;
  if (text === undefined) return skip('not-published', 'not published; it is optional');
  const id = tagsOf(text)?.get('id') ?? '';
  if (found.length > 1 || !/^[A-Za-z0-9]{1,32}$/.test(id)) {
    return fail(
      'malformed',
      'senders ignore it: it must be one record with an id of letters and digits',
      'v=STSv1; id=20260101',
    );
  }
  return pass(`id ${id}`);
}

/** Judges the TXT records at `_smtp._tls` (RFC 8460 §3). It is optional. */
export function judgeTlsReports(records: readonly string[]): RecordJudgement {
  const found = records.filter((text) => /^v=TLSRPTv1\s*(?:;|$)/.test(text));
  const [text] = found;
  if (text === undefined) return skip('not-published', 'not published; it is optional');
  const rua = tagsOf(text)?.get('rua') ?? '';
  if (found.length > 1 || !/^(?:mailto|https):/i.test(rua)) {
    return warn('malformed', 'no report will come: it must be one record with rua=mailto:… or rua=https:…');
  }
  return pass('reports are asked for');
}
