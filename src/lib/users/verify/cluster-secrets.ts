import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import type { SpecOf } from '../expected-object.ts';
import { asRecord } from '../json-api.ts';
import type { Outcome } from './outcome.ts';
import { absent, compared, differs } from './outcome.ts';
import type { Platform } from './platform.ts';

const SECRETS = { group: '', version: 'v1', plural: 'secrets' } as const;
const ACCOUNT = 'kubernetes.io/service-account.name';

/** The decoded value of one key of a Secret, kept in memory only; undefined when the key is missing or empty. */
function secretValue(secret: KubernetesObject | undefined, key: string): string | undefined {
  const value = asRecord(secret?.data)?.[key];
  return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64').toString() : undefined;
}

/** The certificate: the pair that the repository holds, where this clone can read it, else a pair in PEM. */
export async function verifyTlsSecret(platform: Platform, spec: SpecOf<'tls-secret'>): Promise<Outcome> {
  const found = await platform.kubernetes(SECRETS, spec.name, spec.namespace);
  if (found === undefined) return absent();
  const certificate = secretValue(found, 'tls.crt');
  const key = secretValue(found, 'tls.key');
  const [source, sourceKey] = await Promise.all([
    repositoryPem(platform, 'fullchain.pem'),
    repositoryPem(platform, 'privkey.pem'),
  ]);
  const other = 'is not that of secrets/ in this clone (renewed elsewhere, or changed by hand)';
  return compared(
    [
      differs('its type', found.type, 'kubernetes.io/tls'),
      certificate?.includes('-----BEGIN CERTIFICATE-----') === true ? undefined : 'tls.crt holds no certificate',
      key !== undefined && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key) ? undefined : 'tls.key holds no private key',
      source === undefined || certificate === undefined || source.trim() === certificate.trim()
        ? undefined
        : `the certificate ${other}`,
      sourceKey === undefined || key === undefined || sourceKey.trim() === key.trim()
        ? undefined
        : `the private key ${other}`,
    ],
    expiry(certificate ?? ''),
  );
}

/** A PEM file of the repository; undefined when it is missing or still encrypted by git-crypt. */
async function repositoryPem(platform: Platform, file: string): Promise<string | undefined> {
  const text = await platform.once(`pem ${file}`, () =>
    platform.clients.files.read(join(platform.site.root.value, 'secrets', file)),
  );
  return text?.startsWith('-----BEGIN ') === true ? text : undefined;
}

function expiry(certificate: string): string {
  try {
    return `valid until ${new X509Certificate(certificate).validTo}`;
  } catch {
    // Only the words of a PASS depend on it: a certificate that no library reads is still the repository's own.
    return 'certificate and key';
  }
}

/** A dashboard account. */
export async function verifyServiceAccount(platform: Platform, spec: SpecOf<'service-account'>): Promise<Outcome> {
  const found = await platform.kubernetes(
    { group: '', version: 'v1', plural: 'serviceaccounts' },
    spec.name,
    spec.namespace,
  );
  return found === undefined
    ? absent()
    : compared([found.automountServiceAccountToken === false ? 'its token is not mounted' : undefined], 'exists');
}

/** The account's lasting token: filled by the cluster, and made for this account. */
export async function verifyTokenSecret(platform: Platform, spec: SpecOf<'token-secret'>): Promise<Outcome> {
  const found = await platform.kubernetes(SECRETS, spec.name, spec.namespace);
  if (found === undefined) return absent();
  const token = secretValue(found, 'token');
  const subject = token === undefined ? undefined : subjectOf(token);
  return compared(
    [
      differs('its type', found.type, 'kubernetes.io/service-account-token'),
      differs('its account', found.metadata.annotations?.[ACCOUNT], spec.account),
      token === undefined ? 'it holds no token: the cluster has not filled it' : undefined,
      token === undefined
        ? undefined
        : differs('the token’s subject', subject, `system:serviceaccount:${spec.namespace}:${spec.account}`),
    ],
    'filled',
  );
}

/** The subject of a JWT, which is not secret. */
function subjectOf(token: string): unknown {
  try {
    return asRecord(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()))?.sub;
  } catch {
    // Not a JWT: it has no subject, which is what gets reported.
    return undefined;
  }
}

/** The dashboard's map from e-mail to token has to hold the account's present token. */
export async function verifyDashboardInjector(
  platform: Platform,
  spec: SpecOf<'dashboard-injector'>,
): Promise<Outcome> {
  const [conf, source] = await Promise.all([
    platform.kubernetes(SECRETS, spec.name, spec.namespace),
    platform.kubernetes(SECRETS, spec.token.name, spec.token.namespace),
  ]);
  if (conf === undefined) return absent(`the Secret ${spec.namespace}/${spec.name} does not exist`);
  const token = secretValue(source, 'token');
  const lines = Object.keys(asRecord(conf.data) ?? {})
    .flatMap((key) => (secretValue(conf, key) ?? '').split('\n'))
    .filter((line) => line.trimStart().startsWith(`"${spec.email}"`));
  if (lines.length === 0) return absent(`${spec.email} is not in it`);
  const isCurrent = token !== undefined && lines.length === 1 && lines[0]?.includes(token) === true;
  return compared(
    [isCurrent ? undefined : 'it holds another token than the account has'],
    `token of ${spec.token.namespace}`,
  );
}
