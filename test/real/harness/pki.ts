/** Certificates of a cluster, made with openssl: a CA, the servers' and the clients' pairs, the ServiceAccount keys. */
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './run.ts';
import { realTool } from './tools.ts';

interface Pair {
  certFile: string;
  keyFile: string;
  cert: string;
  key: string;
}

export interface Pki {
  ca: Pair;
  apiserver: Pair;
  /** Group system:masters. */
  admin: Pair;
  controllerManager: Pair;
  /** What the apiserver shows to a kubelet. */
  kubeletClient: Pair;
  serviceAccountKey: string;
  serviceAccountPublicKey: string;
}

export async function makePki(dir: string): Promise<Pki> {
  const ca = await issue(dir, 'ca', '/CN=real-test-ca', { ca: true });
  const by = (name: string, subject: string, names?: string) => issue(dir, name, subject, { issuer: ca, names });
  const [apiserver, admin, controllerManager, kubeletClient] = await Promise.all([
    by('apiserver', '/CN=kube-apiserver', 'DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1'),
    by('admin', '/O=system:masters/CN=certificate-admin'),
    by('kcm', '/CN=system:kube-controller-manager'),
    by('kubelet-client', '/O=system:masters/CN=apiserver-kubelet-client'),
  ]);
  const serviceAccountKey = join(dir, 'sa.key');
  const serviceAccountPublicKey = join(dir, 'sa.pub');
  const sa = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(serviceAccountKey, sa.privateKey, { mode: 0o600 });
  await writeFile(serviceAccountPublicKey, sa.publicKey);
  return { ca, apiserver, admin, controllerManager, kubeletClient, serviceAccountKey, serviceAccountPublicKey };
}

async function issue(
  dir: string,
  name: string,
  subject: string,
  how: { ca?: boolean; issuer?: Pair; names?: string | undefined },
): Promise<Pair> {
  const certFile = join(dir, `${name}.crt`);
  const keyFile = join(dir, `${name}.key`);
  const { privateKey: key } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(keyFile, key, { mode: 0o600 });
  const extensions = [
    `basicConstraints=critical,CA:${how.ca === true}`,
    how.ca === true ? 'keyUsage=critical,keyCertSign,digitalSignature' : 'extendedKeyUsage=serverAuth,clientAuth',
    ...(how.names === undefined ? [] : [`subjectAltName=${how.names}`]),
  ];
  await must(realTool('openssl'), [
    ...[
      'req',
      '-x509',
      '-new',
      '-key',
      keyFile,
      '-out',
      certFile,
      '-days',
      '2',
      '-subj',
      subject,
      '-config',
      '/dev/null',
    ],
    ...(how.issuer === undefined ? [] : ['-CA', how.issuer.certFile, '-CAkey', how.issuer.keyFile]),
    ...extensions.flatMap((extension) => ['-addext', extension]),
  ]);
  return { certFile, keyFile, cert: await readFile(certFile, 'utf8'), key };
}
