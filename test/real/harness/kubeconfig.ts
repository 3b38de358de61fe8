/** Kubeconfig files with one context, in JSON, which is YAML. */
import { writeFile } from 'node:fs/promises';

export type Identity = { token: string } | { cert: string; key: string };

export async function writeKubeconfig(
  file: string,
  server: string,
  ca: string,
  name: string,
  identity: Identity,
): Promise<string> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const user =
    'token' in identity
      ? { token: identity.token }
      : { 'client-certificate-data': base64(identity.cert), 'client-key-data': base64(identity.key) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name, user }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: name } }],
    'current-context': 'real',
  };
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return file;
}
