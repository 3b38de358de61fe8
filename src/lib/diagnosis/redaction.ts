import { createHmac } from 'node:crypto';
import type { Redactor } from '../secrets/redaction.ts';
import type { Json } from './json.ts';

/** Keys whose whole value is a secret, wherever they stand in evidence. */
const SECRET_KEY =
  /^(authorization|proxy-authorization|x-api-key|api[-_]?key|password|passwd|token|(access|refresh|id)[-_]?token|client[-_]?secret|secret|session[-_]?id)$/i;
/** Headers of which the names of the cookies may stay: they tell which outpost set them. */
const COOKIE_KEY = /^(set-)?cookie$|^setCookie$/i;

/**
 * What stands for a secret already, ours or a log scan's; shapes see only its first word. To seal it would make different
 * secrets look equal.
 */
const SEALED = /^\[(?:redacted\]|secret(?: [0-9a-f]{6}\]|\])?)$/;

/**
 * A shape of a secret in text: the group `secret`; a match without it is passed over. `after` is what stands before the
 * secret where white space makes that any length: it is matched forwards, once, because a lookbehind would run back over
 * the white space from each of its places, and a long run of spaces would take minutes.
 */
type Shape = { readonly after?: RegExp; readonly secret: RegExp };

/** They also match inside JSON that was quoted once more, where a quote is `\"`. Each takes time in proportion to the text. */
const SHAPES: readonly Shape[] = [
  // A private key, whole.
  { secret: /(?<secret>-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$))/g },
  // A cookie of the outpost, wherever it stands.
  { secret: /(?<=\bauthentik_(?:proxy|session|csrf)[A-Za-z0-9_-]*=)(?<secret>[^;,\s"'\\]+)/g },
  // Authorization, as a header or as a JSON field.
  {
    after:
      /\b(?:proxy-)?authorization\\?["']?\s*[:=]\s*\\?["']?(?:\[\s*\\?["'])?(?:basic|bearer|digest|token|negotiate)\s+/gi,
    secret: /(?<secret>[^\s"'\\,}]+)/y,
  },
  { after: /\b(?:bearer|basic)\s+/gi, secret: /(?<secret>[A-Za-z0-9._~+/=-]{8,})/y },
  // SASL: AUTH PLAIN or LOGIN with an initial response.
  {
    after: /\bAUTH(?:ENTICATE)?\s+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER)\s+/gi,
    secret: /(?<secret>[A-Za-z0-9+/=]{4,})/y,
  },
  // JSON web tokens, Vault tokens, age keys. What only begins like a web token is passed over whole.
  {
    secret: /\b(?:(?<secret>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)|eyJ[A-Za-z0-9_-]{8,})/g,
  },
  { secret: /\b(?<secret>hv[sbr]\.[A-Za-z0-9_-]{20,})/g },
  { secret: /\b(?<secret>AGE-SECRET-KEY-1[A-Z0-9]{20,})/g },
  // The name of an outpost's session file is the session's id.
  { secret: /(?<=\bsession_)(?<secret>[A-Za-z0-9-]{20,})/g },
  // A password in a URL.
  { secret: /(?<=:\/\/[^\s:/@"'\\]*:)(?<secret>[^\s@/"'\\]+)(?=@)/g },
  // The parameters of OAuth and of resets, in a query or a form.
  {
    secret:
      /(?<=(?:[?&]|%3F|%26|\\u0026|&amp;)(?:code|state|token|access_token|refresh_token|id_token|id_token_hint|client_secret|password|session_state|nonce|code_verifier|itoken)(?:=|%3D))(?<secret>[^&\s"'\\<>;#]+?)(?=$|[&\s"'\\<>;#]|%26)/gi,
  },
  // `password=…`, `"client_secret": "…"`, also quoted once more.
  {
    after:
      /\b(?:password|passwd|pwd|secret|client_secret|api_?key|access_token|refresh_token|id_token|token|session_?id|sid)\\?["']?\s*(?:=|:)\s*\\?["']/gi,
    secret: /(?<secret>[^"'\\\s]+)/y,
  },
  {
    secret:
      /(?<=\b(?:password|passwd|pwd|client_secret|api_?key|access_token|refresh_token|id_token)=)(?<secret>[^&\s"'\\,;]+)/gi,
  },
];

/** No secret is shorter than this, with what makes it recognisable. */
const SHORTEST = 6;
/** What some shape needs to match; most text has none of it. */
const SUSPECT =
  /[=:]|session_[A-Za-z0-9-]{20}|%3D|BEGIN |\beyJ|\bhv[sbr]\.|AGE-SECRET|\b(?:bearer|basic|auth(?:enticate)?)\s/i;

/** What follows `Cookie:` or `Set-Cookie:`, to the end of the line or of the quoted text. */
const COOKIE_LINE = /(\b(?:set-)?cookie\\?["']?\s*[:=]\s*(?:\[\s*)?\\?["']?)([^\n"'\\]+)/gi;

/**
 * Makes the function that removes secrets from evidence as it is collected. Equal secrets become equal tokens within
 * one run (`key` is random, one a run), so that it stays visible that two requests bore the same cookie. Addresses stay.
 */
export function makeSeal(key: Uint8Array, known: Redactor): (evidence: Json) => Json {
  const token = (secret: string): string =>
    SEALED.test(secret) ? secret : `[secret ${createHmac('sha256', key).update(secret).digest('hex').slice(0, 6)}]`;
  const cookie = (value: string): string =>
    value.replace(
      /(^|[;,\s])([^=;,\s]+)=(\[secret [0-9a-f]{6}\]|[^;,\s]+)/g,
      (whole, before: string, name: string, secret: string) =>
        /^(path|domain|expires|max-age|samesite)$/i.test(name) ? whole : `${before}${name}=${token(secret)}`,
    );
  const text = (value: string): string => {
    if (value.length < SHORTEST) return value;
    let out = known.redact(value, token);
    if (!SUSPECT.test(out)) return out;
    for (const shape of SHAPES) out = replaced(out, shape, token);
    // Last: in a line that goes on after the cookies, it would take the scheme of an Authorization for its secret.
    return out.replace(COOKIE_LINE, (_, before: string, pairs: string) => before + cookie(pairs));
  };
  const seal = (value: Json, under?: string): Json => {
    if (typeof value === 'string') {
      if (under !== undefined && SECRET_KEY.test(under) && value !== '') return token(value);
      return under !== undefined && COOKIE_KEY.test(under) ? text(cookie(value)) : text(value);
    }
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => seal(item, under));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value as { readonly [key: string]: Json }).map(([name, item]) => [text(name), seal(item, name)]),
    );
  };
  return (evidence) => seal(evidence);
}

/** The text with every secret of a shape as `token` names it. Secrets do not overlap; what leads to one may lie in another. */
function replaced(text: string, { after, secret }: Shape, token: (secret: string) => string): string {
  if (after === undefined)
    return text.replace(secret, (...args) => {
      const found = (args.at(-1) as { readonly secret?: string }).secret;
      return found === undefined ? String(args[0]) : token(found);
    });
  const parts: string[] = [];
  let done = 0;
  for (const before of text.matchAll(after)) {
    const at = before.index + before[0].length;
    if (at < done) continue;
    secret.lastIndex = at;
    const found = secret.exec(text)?.[0];
    if (found === undefined) continue;
    parts.push(text.slice(done, at), token(found));
    done = at + found.length;
  }
  return parts.join('') + text.slice(done);
}
