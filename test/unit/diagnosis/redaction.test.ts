import { expect, test } from 'vitest';
import type { Json } from '../../../src/lib/diagnosis/json.ts';
import { makeSeal } from '../../../src/lib/diagnosis/redaction.ts';
import { makeRedactor } from '../../../src/lib/secrets/redaction.ts';

const seal = makeSeal(Buffer.alloc(32, 1), makeRedactor(['known-to-this-run']));
const C = 'Canary0123456789abcdef';
const JWT = `eyJhbGciOiJSUzI1NiJ9.${'eyJzdWIiOiJDYW5hcnkifQ'}.Canary_0123456789`;

const CORPUS: readonly (readonly [what: string, evidence: Json])[] = [
  ['a Cookie line', `GET / HTTP/1.1\nCookie: theme=${C}; authentik_proxy_ab12=${C}\nHost: a`],
  ['a Set-Cookie line', `Set-Cookie: authentik_proxy_abc=${C}; Path=/; HttpOnly; SameSite=Lax`],
  ['a set-cookie list', { 'set-cookie': [`authentik_proxy_x=${C}; Path=/; Secure`, `other=${C}`] }],
  ['a field of the web client', { setCookie: [`sid=${C}; Path=/`] }],
  ['a cookie anywhere', `session authentik_proxy_77=${C} was lost`],
  ['a cookie in JSON', JSON.stringify({ headers: { Cookie: `a=${C}; b=${C}` } })],
  ['a cookie in JSON in JSON', JSON.stringify({ msg: JSON.stringify({ cookie: `a=${C}; b=${C}` }) })],
  ['Authorization after cookies on one line', `Cookie: a=${C}; b=${C} authorization=Basic ${btoa(`alice:${C}`)}`],
  ['the id of a session in the name of its file', `open /dev/shm/session_${C}: no space left on device`],
  ['Authorization with Bearer', `Authorization: Bearer ${C}`],
  ['Authorization with Basic', `authorization: Basic ${Buffer.from(`alice:${C}`).toString('base64')}`],
  ['Authorization in JSON', JSON.stringify({ Authorization: [`Bearer ${C}`] })],
  ['Authorization in JSON in JSON', JSON.stringify({ m: JSON.stringify({ authorization: `Bearer ${C}` }) })],
  ['an authorization field', { headers: { authorization: `Negotiate ${C}` } }],
  ['a JWT', `token ${JWT} expired`],
  ['a JWT without signature, cut by the log', `id_token=${JWT.split('.').slice(0, 2).join('.')}`],
  ['code and state in a query', `GET /outpost.goauthentik.io/callback?code=${C}&state=${C} HTTP/1.1`],
  ['code in an encoded query', `rd=https%3A%2F%2Fa%2Fcallback%3Fcode%3D${C}%26state%3D${C}`],
  ['code in escaped JSON', `"uri":"/callback?code=${C}\\u0026state=${C}"`],
  ['SASL PLAIN', `AUTH PLAIN ${Buffer.from(`\0alice\0${C}`).toString('base64')}`],
  ['SASL in IMAP', `a1 AUTHENTICATE PLAIN ${Buffer.from(`\0a\0${C}`).toString('base64')}`],
  ['a password in a URL', `postgres://authentik:${C}@db:5432/authentik`],
  ['a password field', { config: { password: C } }],
  ['a quoted password', `{"password":"${C}","user":"a"}`],
  ['a password quoted twice', JSON.stringify({ m: `{"client_secret": "${C}"}` })],
  ['a password of libpq', `host=db user=a password=${C} dbname=a`],
  ['a value known to this run', 'the server said known-to-this-run again'],
  ['a Vault token', 'hvs.CAESIJCanary0123456789abcdefCanary'],
  ['a private key', `-----BEGIN RSA PRIVATE KEY-----\n${C}\n-----END RSA PRIVATE KEY-----`],
  ['a name of a key', { [`authentik_proxy_1=${C}`]: 1 }],
];

const secretsOf = (text: string): boolean =>
  /Canary|known-to-this-run/.test(text) ||
  [...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].some(([word]) => Buffer.from(word, 'base64').includes('Canary'));

test.each(CORPUS)('%s is removed', (_, evidence) => {
  const sealed = JSON.stringify(seal(evidence));
  expect(secretsOf(JSON.stringify(evidence))).toBe(true);
  expect(sealed).toContain('[secret');
  expect(secretsOf(sealed)).toBe(false);
});

test.each(CORPUS)('%s stays as it is when it is sealed again', (_, evidence) => {
  const once = seal(evidence);
  expect(seal(once)).toEqual(once);
});

test('equal secrets stay recognisably equal within a run, and not across runs', () => {
  const [a, b, other] = [`authentik_proxy_1=${C}`, `Cookie: authentik_proxy_1=${C}`, `authentik_proxy_1=${C}x`].map(
    (text) => /\[secret [0-9a-f]{6}\]/.exec(String(seal(text)))?.[0],
  );
  expect(a).toBeDefined();
  expect(a).toBe(b);
  expect(a).not.toBe(other);
  const next = makeSeal(Buffer.alloc(32, 2), makeRedactor());
  expect(next(`authentik_proxy_1=${C}`)).not.toBe(seal(`authentik_proxy_1=${C}`));
});

test('what is no secret stays readable', () => {
  for (const text of [
    'client 203.0.113.7 and 2001:db8::1 via 10.0.20.203:443',
    'write /dev/shm/session_ABC: no space left on device',
    'GET /?page=2&sort=name 400',
    'exit code=137, state=OOMKilled',
    'Location: https://authentik.example.org/application/o/authorize/?client_id=abc',
    'token expired',
    'password authentication failed for user "authentik"',
    '2026-04-18T12:39:00.000Z',
    'GET /callback?code=[redacted]&state=[redacted]',
    'Cookie: a=[redacted]; b=[secret]',
  ])
    expect(seal(text)).toBe(text);
  expect(seal({ count: 44000, full: true, none: null })).toEqual({ count: 44000, full: true, none: null });
});

test('a very long line takes time in proportion to its length', () => {
  const line = `Cookie: ${'a=b; '.repeat(20_000)}${'x'.repeat(300_000)} ${'://u:'.repeat(20_000)}`;
  // Anything worse than linear would outlast the test's own time many times over.
  expect(String(seal(line))).toContain('[secret');
});

/** What leads to a secret, for each shape; with what comes after it, nothing that is one. */
const LEADS: readonly string[] = [
  ...['', '-----BEGIN ', '-----BEGIN RSA PRIVATE KEY-----\n-----END ', 'authentik_proxy_', 'authentik_proxy_1='],
  ...[
    'authorization',
    'authorization:',
    '"authorization": [',
    'Authorization: Bearer ',
    'basic ',
    'AUTH ',
    'AUTH PLAIN ',
  ],
  ...[
    'eyJ',
    '-eyJabcdefgh',
    'eyJabcdefgh.',
    'hvs.',
    'AGE-SECRET-KEY-1',
    'session_',
    '://',
    '://user:',
    '?code',
    '?code=',
  ],
  ...[
    'password',
    'password=',
    '"client_secret"',
    '"client_secret": ',
    '"client_secret": "',
    'Cookie',
    'Cookie:',
    'Cookie: [',
  ],
  ...['Cookie: a', 'Cookie: a=b;', 'Set-Cookie: a=b; '],
];

// Anything worse than linear takes minutes for one of these alone; what hangs is cut off, nothing else decides.
test.each(LEADS)('%j and a long run of anything take time in proportion to their length', (lead) => {
  const size = 200_000;
  for (const run of [' ', '\t', '\n', 'a', 'A ', ';', '; ', '-', ':', '[', '\\']) {
    const text = lead + run.repeat(size / run.length);
    for (const evidence of [text, `${text}!`, { cookie: text }]) expect(seal(evidence)).toBeDefined();
  }
});

test.each(['-eyJ', '-eyJabcdefgh', 'authorization: ', 'AUTH ', '://a', '"password" ', 'cookie '])(
  'many %j in one word or line take time in proportion to their number',
  (lead) => {
    const text = lead.repeat(2_000_000 / lead.length);
    expect(seal(text)).toBe(text);
  },
);

test('what leads to a secret may lie in the one before', () => {
  const sealed = String(seal(`basic xxxx-bearer ${C}, authorization: basic authorization:bearer ${C}`));
  expect(sealed).not.toContain('Canary');
});
