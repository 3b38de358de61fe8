import { createPublicKey } from 'node:crypto';
import { fail, pass, type RecordJudgement, warn } from '../dns-rows.ts';
import { tagsOf } from './tags.ts';

/** Keys below this are not to be signed with (RFC 8301 §3.2 forbids less than 1024, and advises 2048). */
const STRONG_BITS = 2048;
const LEAST_BITS = 1024;

/** Judges the TXT records of one selector. */
export function judgeDkim(records: readonly string[]): RecordJudgement {
  const keys = records.filter((text) => /(?:^|;)\s*p\s*=/.test(text));
  const [text] = keys;
  if (text === undefined) {
    return fail(
      'missing',
      'there is no key',
      'Publish the public key that the mail server signs with, or set mail.dns.selectors.',
    );
  }
  if (keys.length > 1)
    return fail('several', `${keys.length} keys at one selector`, 'Leave one; a new key gets a new selector.');
  const tags = tagsOf(text);
  if (tags === undefined || (tags.get('v') ?? 'DKIM1') !== 'DKIM1')
    return fail('malformed', 'it is no DKIM key record');
  const key = (tags.get('p') ?? '').replace(/\s/g, '');
  if (key === '')
    return fail(
      'revoked',
      'its key is empty: it is revoked',
      'Publish a new key under a new selector, and sign with it.',
    );
  const type = tags.get('k') ?? 'rsa';
  const judged = type === 'ed25519' ? judgeEd25519(key) : type === 'rsa' ? judgeRsa(key) : undefined;
  if (judged === undefined) return fail('malformed', `no receiver knows the key type ${type}`);
  const isTesting = (tags.get('t') ?? '').split(':').some((flag) => flag.trim() === 'y');
  if (judged.verdict === 'PASS' && isTesting) {
    return warn('testing', `${judged.detail}, and t=y asks receivers to ignore it`, 'Take t=y out.');
  }
  return judged;
}

function judgeEd25519(key: string): RecordJudgement {
  const isKey = Buffer.from(key, 'base64').length === 32;
  return isKey ? pass('Ed25519') : fail('malformed', 'its Ed25519 key is not 32 bytes long');
}

function judgeRsa(key: string): RecordJudgement {
  const bits = bitsOf(key);
  if (bits === undefined)
    return fail(
      'malformed',
      'its key cannot be read: it was cut or mistyped',
      'Publish it again; a TXT record has strings of 255 characters each.',
    );
  const hint = `Make a key of ${STRONG_BITS} bits under a new selector.`;
  if (bits < LEAST_BITS) return fail('weak', `RSA ${bits} bits: receivers ignore it`, hint);
  if (bits < STRONG_BITS) return warn('weak', `RSA ${bits} bits: weak`, hint);
  return pass(`RSA ${bits} bits`);
}

function bitsOf(key: string): number | undefined {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    return asymmetricKeyDetails?.modulusLength;
  } catch {
    return undefined;
  }
}
