import { InfraError } from '../../errors.ts';
import { assertLoopback } from '../http/loopback.ts';
import { badConfig } from './errors.ts';
import type { Named } from './kubeconfig.ts';
import { object, text } from './shape.ts';

/**
 * The token of an `auth-provider: oidc` entry, refreshed where it has expired. `gcp` and `azure` are refused: kubectl
 * dropped them in 1.26, and the library runs their command without a deadline. Errors: `kubernetes.plugin` (77),
 * `kubernetes.bad-config` (78).
 */
export async function authProviderToken(
  user: Named,
  options: { readonly timeoutMs: number; readonly loopbackOnly: boolean },
): Promise<string> {
  const provider = object(user.value['auth-provider']);
  const name = text(provider.name) ?? '';
  if (name !== 'oidc') {
    throw badConfig(`The auth-provider "${name}" in ${user.file} is not supported; kubectl dropped it in 1.26.`, [
      'Use an exec plugin instead: gke-gcloud-auth-plugin or kubelogin.',
    ]);
  }
  const issuer = text(object(provider.config)['idp-issuer-url']);
  if (issuer !== undefined) assertLoopback(issuer, options.loopbackOnly);
  const { KubeConfig } = await import('./client-node-shim.ts');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: 'https://unused.invalid' }],
    users: [{ name: 'u', authProvider: structuredClone(provider) }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  const request: { headers: Record<string, string> } = { headers: {} };
  await within(options.timeoutMs, name, config.applyToHTTPSOptions(request));
  const token = /^Bearer (.+)$/.exec(request.headers.Authorization ?? '')?.[1];
  if (token === undefined)
    throw failed(`The auth-provider ${name} in ${user.file} gave no token; its login has probably expired.`);
  return token;
}

async function within<T>(timeoutMs: number, name: string, work: Promise<T>): Promise<T> {
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(failed(`The auth-provider ${name} gave no token within ${timeoutMs} ms.`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, deadline]);
  } catch (error) {
    if (error instanceof InfraError) throw error;
    // Without the library's error: it may hold what was sent to the identity provider.
    throw failed(
      `The auth-provider ${name} could not renew its token (${error instanceof Error ? error.name : 'unknown error'}).`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function failed(message: string): InfraError {
  return new InfraError('kubernetes.plugin', 'denied', message, {
    hints: ['Log in again by hand, for example: kubectl get ns'],
  });
}
