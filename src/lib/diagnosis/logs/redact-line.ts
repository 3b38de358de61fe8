import { makeRedactor } from '../../secrets/redaction.ts';

const GONE = '[redacted]';
// Between a key and its value: `=`, `: `, `":"`, the same escaped any number of times, percent-encoded.
const SEP = String.raw`\\*"?\s*(?:=|:|%3D)\s*(?:\[\s*)?\\*["']?`;
const VALUE = String.raw`[^\s"\\,;&}\])']+`;
const PAIR = String.raw`[^\s=;,"\\]+=[^\s;"\\]*`;
const pattern = (source: string): RegExp => new RegExp(source, 'gi');

/** Words are no secrets: states, codes, mechanisms. What is random has digits, or case in the wrong places. */
const isWord = (value: string): boolean => /^[A-Za-z]?[a-z]*(?:[A-Z][a-z]+)*$|^[A-Z_]+$/.test(value);

type Rule = readonly [what: RegExp, replace: (whole: string, ...groups: string[]) => string];
const keepKey = (_: string, key = ''): string => `${key}${GONE}`;
const unlessWord = (whole: string, key = '', value = ''): string => (isWord(value) ? whole : `${key}${GONE}`);

const RULES: readonly Rule[] = [
  [pattern(String.raw`\b((?:set-)?cookie${SEP})${PAIR}(?:;\s*(?:${PAIR}|secure|httponly))*`), keepKey],
  [
    pattern(String.raw`((?:^|[^\w])authorization${SEP}(?:(?:basic|bearer|digest|negotiate|token|apikey)\s+)?)${VALUE}`),
    keepKey,
  ],
  [pattern(String.raw`\b((?:basic|bearer|negotiate)\s+)([A-Za-z0-9+/._~-]{8,}={0,2})`), unlessWord],
  [pattern(String.raw`\b(authentik_(?:proxy|session|csrf)\w*${SEP})${VALUE}`), keepKey],
  [
    pattern(
      `((?:^|[^A-Za-z])(?:token|(?:access|id|refresh|csrf|auth|vault|x-vault|bot)[_-]?token|csrfmiddlewaretoken|(?:client_)?secret(?:[_-]key)?|pass|password|passwd|pwd|api[_-]?key|session[_-]?(?:id|key|state)|sid|nonce|assertion|code_verifier|saml(?:response|request))${SEP})${VALUE}`,
    ),
    keepKey,
  ],
  [pattern(String.raw`((?:[?&]|\\u0026|&amp;|%26|%3F)(?:code|state)(?:=|%3D))${VALUE}`), keepKey],
  [pattern(String.raw`(\b(?:code|state)${SEP})([A-Za-z0-9._~+/%=-]{8,})`), unlessWord],
  [/(\\*"(?:is|should)\\*"\s*:\s*\\*")[^"\\]*/g, keepKey],
  [/(\b(?:is|should)=\\*"?)([A-Za-z0-9_-]{12,})/g, unlessWord],
  [/(\bsession_)([A-Za-z0-9._-]{3,})/g, unlessWord],
  [
    pattern(
      String.raw`\b(auth(?:enticate)?\s+(?:plain|login|xoauth2|oauthbearer|cram-md5|scram-[\w-]+)\s+)[A-Za-z0-9+/=]{4,}`,
    ),
    keepKey,
  ],
  [pattern(String.raw`(sasl \S+ authentication failed: |\bresp(?:onse)?[=:]\s*)([A-Za-z0-9+/]{6,}={0,2})`), unlessWord],
];

const SHAPES = makeRedactor();
/** How much of a line is looked at: more is never shown. */
const LOOKED_AT = 4096;

/**
 * A line without what could be a secret: cookies, credentials, tokens, codes and states of logins, session ids, SASL
 * answers; in clear, in JSON, in JSON inside JSON, percent-encoded. Addresses stay: one cannot find a fault without.
 */
export function redactLine(text: string, longest = 300): string {
  let out = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text;
  for (const [what, replace] of RULES) out = out.replace(what, replace);
  out = SHAPES.redact(out).replaceAll('[secret]', GONE);
  // The last word of what was cut may be half a secret that no rule knows any more.
  if (text.length > LOOKED_AT) out = out.replace(/[^\s"]*$/, '');
  return out.length > longest ? `${out.slice(0, longest).trimEnd()} …` : out;
}
