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
 * Shapes of secrets in text, each with the secret itself as the group `secret`. They also match inside JSON that was
 * quoted once more, where a quote is `\"`.
 */
const SHAPES: readonly RegExp[] = [
  // A private key, whole.
  /(?<secret>-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$))/g,
  // A cookie of the outpost, wherever it stands.
  /(?<=\bauthentik_(?:proxy|session|csrf)[A-Za-z0-9_-]*=)(?<secret>[^;,\s"'\\]+)/g,
  // Authorization, as a header or as a JSON field.
  /(?<=\b(?:proxy-)?authorization\\?["']?\s*[:=]\s*\\?["']?(?:\[\s*\\?["'])?(?:basic|bearer|digest|token|negotiate)\s+)(?<secret>[^\s"'\\,}]+)/gi,
  /(?<=\b(?:bearer|basic)\s+)(?<secret>[A-Za-z0-9._~+/=-]{8,})/gi,
  // SASL: AUTH PLAIN or LOGIN with an initial response.
  /(?<=\bAUTH(?:ENTICATE)?\s+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER)\s+)(?<secret>[A-Za-z0-9+/=]{4,})/gi,
  // JSON web tokens, Vault tokens, age keys.
  /\b(?<secret>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)/g,
  /\b(?<secret>hv[sbr]\.[A-Za-z0-9_-]{20,})/g,
  /\b(?<secret>AGE-SECRET-KEY-1[A-Z0-9]{20,})/g,
  // The name of an outpost's session file is the session's id.
  /(?<=\bsession_)(?<secret>[A-Za-z0-9-]{20,})/g,
  // A password in a URL.
  /(?<=:\/\/[^\s:/@"'\\]*:)(?<secret>[^\s@/"'\\]+)(?=@)/g,
  // The parameters of OAuth and of resets, in a query or a form.
  /(?<=(?:[?&]|%3F|%26|\\u0026|&amp;)(?:code|state|token|access_token|refresh_token|id_token|id_token_hint|client_secret|password|session_state|nonce|code_verifier|itoken)(?:=|%3D))(?<secret>[^&\s"'\\<>;#]+?)(?=$|[&\s"'\\<>;#]|%26)/gi,
  // `password=…`, `"client_secret": "…"`, also quoted once more.
  /(?<=\b(?:password|passwd|pwd|secret|client_secret|api_?key|access_token|refresh_token|id_token|token|session_?id|sid)\\?["']?\s*(?:=|:)\s*\\?["'])(?<secret>[^"'\\\s]+)/gi,
  /(?<=\b(?:password|passwd|pwd|client_secret|api_?key|access_token|refresh_token|id_token)=)(?<secret>[^&\s"'\\,;]+)/gi,
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
      /(^|[;,\s]\s*)([^=;,\s]+)=(\[secret [0-9a-f]{6}\]|[^;,\s]+)/g,
      (whole, before: string, name: string, secret: string) =>
        /^(path|domain|expires|max-age|samesite)$/i.test(name) ? whole : `${before}${name}=${token(secret)}`,
    );
  const text = (value: string): string => {
    if (value.length < SHORTEST) return value;
    let out = known.redact(value, token);
    if (!SUSPECT.test(out)) return out;
    for (const shape of SHAPES)
      out = out.replace(shape, (...args) => {
        const { secret } = args.at(-1) as { secret: string };
        return token(secret);
      });
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
