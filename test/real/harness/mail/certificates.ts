/** An authority for one mail server and what it signed: the right certificate, one that is over, one for another name. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../run.ts';
import { realTool } from '../tools.ts';

export interface Certificate {
  certFile: string;
  keyFile: string;
}

export interface MailCertificates {
  /** PEM of the authority, for NODE_EXTRA_CA_CERTS. */
  caFile: string;
  good: Certificate;
  /** Over since yesterday. */
  expired: Certificate;
  /** Good for www.elsewhere.test. */
  otherName: Certificate;
}

const DAY_MS = 86_400_000;

export async function makeCertificates(folder: string, hostname: string): Promise<MailCertificates> {
  const dir = join(folder, 'certificates');
  await mkdir(dir);
  const openssl = (...args: string[]) => must(realTool('openssl'), args, { cwd: dir });
  await writeFile(join(dir, 'index'), '');
  await writeFile(join(dir, 'ca.cnf'), AUTHORITY);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', '/dev/null'];
  const ca = ['-addext', 'basicConstraints=critical,CA:true', '-addext', 'keyUsage=critical,keyCertSign'];
  await openssl(
    ...['req', '-x509', ...key, '-subj', '/CN=mail test authority', '-days', '60', ...ca],
    ...['-keyout', 'ca.key', '-out', 'ca.crt'],
  );
  const now = Date.now();
  const issue = async (name: string, host: string, from: number, until: number): Promise<Certificate> => {
    await openssl('req', '-new', ...key, '-subj', `/CN=${host}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    await writeFile(join(dir, `${name}.ext`), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`);
    await openssl(
      ...['ca', '-config', 'ca.cnf', '-batch', '-notext', '-in', `${name}.csr`, '-out', `${name}.crt`],
      ...['-extfile', `${name}.ext`, '-startdate', asn1(from), '-enddate', asn1(until)],
    );
    return { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) };
  };
  // One after another: the authority's index is a file.
  const good = await issue('good', hostname, now - DAY_MS, now + 45 * DAY_MS);
  const expired = await issue('expired', hostname, now - 90 * DAY_MS, now - DAY_MS);
  const otherName = await issue('other', 'www.elsewhere.test', now - DAY_MS, now + 45 * DAY_MS);
  return { caFile: join(dir, 'ca.crt'), good, expired, otherName };
}

/** Puts a certificate where the servers read theirs. */
export async function copyCertificate(from: Certificate, to: Certificate): Promise<void> {
  await writeFile(to.certFile, await readFile(from.certFile));
  await writeFile(to.keyFile, await readFile(from.keyFile), { mode: 0o600 });
}

const AUTHORITY = `[ca]
default_ca = this
[this]
database = index
rand_serial = yes
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;

/** 20261121083000Z */
function asn1(at: number): string {
  return new Date(at)
    .toISOString()
    .replace(/\.\d+Z$|[-:T]/g, '')
    .replace(/Z?$/, 'Z');
}
