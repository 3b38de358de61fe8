import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSignatures } from '../../../../src/lib/diagnosis/logs/compile.ts';
import { redactLine } from '../../../../src/lib/diagnosis/logs/redact-line.ts';
import { scanLogs } from '../../../../src/lib/diagnosis/logs/scan.ts';

const CANARY = 'Xq7CanaRy42zzTOPsecret';
const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI${CANARY}.abcdefgh${CANARY}`;

/** Where secrets stand in logs; `@` is the secret. */
const PLACES: readonly string[] = [
  'Cookie: authentik_proxy_a1b2=@; theme=dark',
  'Set-Cookie: authentik_session=@; Path=/; HttpOnly',
  '{"headers":{"Cookie":["a=@; b=@"]},"remote":"192.0.2.7"}',
  '{"request":"{\\"Cookie\\":\\"sid=@\\",\\"a\\":1}"}',
  'authentik_proxy_8ab3=@ from 192.0.2.7',
  'Authorization: Bearer @',
  'authorization: Basic @==',
  '{"Authorization":"Bearer @"}',
  '{"body":"{\\"Authorization\\":\\"Bearer @\\"}"}',
  '{"a":"{\\\\\\"authorization\\\\\\":\\\\\\"Bearer @\\\\\\"}"}',
  'GET /outpost.goauthentik.io/callback?code=@&state=@ HTTP/2.0',
  'path="/callback?state=@" failed',
  'redirect to https%3A%2F%2Fapp%2Fcallback%3Fcode%3D@%26state%3D@',
  'in handle_auth_callback{code="@" state="@"}',
  '{"query":"code=@\\u0026state=@"}',
  '{"code":"@"}',
  '{"event":"mismatched session ID","is":"@","should":"@"}',
  'level=warning event="mismatched session ID" is=@ should=@',
  'write /dev/shm/session_@: no space left on device',
  'AUTH PLAIN @=',
  'SASL LOGIN authentication failed: @=',
  'AUTHENTICATE XOAUTH2 @',
  'password=@',
  '"password": "@"',
  'client_secret=@&grant_type=x',
  'X-Vault-Token: @',
  'postgres://authentik:@@10.0.0.7:5432/authentik',
  'session_key=@',
  '{"access_token":"@","refresh_token":"@"}',
];

describe('what could be a secret is gone', () => {
  test.each(PLACES)('%s', (place) => {
    expect(redactLine(place.replaceAll('@@', `${CANARY}@`).replaceAll(/@(?!10)/g, CANARY))).not.toContain(CANARY);
  });

  test('a token that is a JWT, wherever it stands', () => {
    expect(redactLine(`got ${JWT} from 192.0.2.7`)).toBe('got [redacted] from 192.0.2.7');
  });

  test('what one looks for stays: addresses, codes, words', () => {
    for (const line of [
      'connect to 192.0.2.7:25 from 2001:db8::1: Connection refused',
      'rpc error: code = DeadlineExceeded desc = timed out',
      'exit code: 137, state: Running',
      'password authentication failed for user "authentik"',
      'basic authentication is off',
    ]) {
      expect(redactLine(line)).toBe(line);
    }
    expect(redactLine(`Cookie: a=${CANARY}, client 192.0.2.7`)).toContain('192.0.2.7');
  });

  test('no sample and no shape of a scan has it, also when the line is cut anywhere or very long', async () => {
    const signatures = compileSignatures();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PLACES),
        fc.nat(6000),
        fc.nat(400),
        fc.boolean(),
        async (place, padding, cut, isJson) => {
          const filled = place.replaceAll('@@', `${CANARY}@`).replaceAll(/@(?!10)/g, CANARY);
          const text = `ERR failed ${'x '.repeat(padding / 2)}${filled} no space left on device`;
          const whole = isJson ? JSON.stringify({ level: 'error', event: text }) : text;
          const evidence = await scanLogs([whole.slice(0, whole.length - cut)], { signatures, nowMs: 0 });
          expect(JSON.stringify(evidence)).not.toContain(CANARY);
        },
      ),
      { numRuns: 300 },
    );
  });
});
