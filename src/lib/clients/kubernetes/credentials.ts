import type { Files } from '../files/client.ts';
import { authProviderToken } from './auth-provider.ts';
import type { Cluster } from './cluster.ts';
import { badConfig } from './errors.ts';
import { type PluginCredential, type PluginOptions, runPlugin } from './exec-plugin.ts';
import { type Named, pathIn } from './kubeconfig.ts';
import { list, object, text } from './shape.ts';

/** Headers of a request; several values of one name are sent as several headers. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What proves who we are: headers, a client certificate, or both. */
export type Identity = {
  readonly headers: Headers;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** The plugin's answer that this came from, if it did. */
  readonly given?: PluginCredential | undefined;
};

/**
 * Gives the identity for the next request. `renew` is told of one that was answered with 401: true when the next one
 * will be another.
 */
export type Credentials = { current(): Promise<Identity>; renew(refused: Identity): boolean };

export type CredentialOptions = {
  readonly files: Pick<Files, 'read'>;
  readonly plugin: PluginOptions;
  readonly loopbackOnly: boolean;
  /** False: the kubeconfig comes from a repository that nobody accepted; it may neither run a program nor name files. */
  readonly trusted: boolean;
  /** Told every token before it is used. */
  readonly onSecret?: ((value: string) => void) | undefined;
};

/** A failed plugin is not asked again for so long: each probe of a diagnosis would wait for its whole deadline. */
const FAILURE_COUNTS_MS = 60_000;

/**
 * The identity that a kubeconfig's user entry stands for, with kubectl's precedence: tokenFile before token, inline
 * certificates before files, a token of its own before the plugin's. Files are read for each request, because they
 * are renewed in place.
 */
export function makeCredentials(cluster: Cluster, options: CredentialOptions): Credentials {
  const { user } = cluster;
  if (user === undefined)
    return { current: async () => ({ headers: {}, cert: undefined, key: undefined }), renew: () => false };
  if (!options.trusted) assertHarmless(user);
  const plugin =
    user.value.exec === undefined || user.value.exec === null
      ? undefined
      : cachedPlugin(() => runPlugin(user, cluster, options.plugin));
  return {
    async current() {
      const token = await ownToken(user, options);
      const given = token === undefined ? await plugin?.get() : undefined;
      options.onSecret?.(token ?? given?.token ?? '');
      const authorization = bearer(token ?? given?.token, user) ?? basic(user);
      const headers = { ...(authorization === undefined ? {} : { authorization }), ...impersonation(user) };
      const cert = (await pem(user, 'client-certificate', options.files)) ?? given?.cert;
      const key = (await pem(user, 'client-key', options.files)) ?? given?.key;
      if ((cert === undefined) !== (key === undefined))
        throw badConfig(
          `The user entry in ${user.file} has a client certificate without its key, or a key without its certificate.`,
        );
      return { headers, cert, key, given };
    },
    renew(refused) {
      if (plugin === undefined || refused.given === undefined) return false;
      plugin.forget(refused.given);
      return true;
    },
  };
}

async function ownToken(user: Named, options: CredentialOptions): Promise<string | undefined> {
  const file = text(user.value.tokenFile);
  if (file !== undefined) {
    const path = pathIn(user, file);
    const token = (await options.files.read(path))?.trim();
    if (token === undefined) throw badConfig(`The tokenFile ${path} of ${user.file} does not exist.`);
    if (token !== '') return token;
    throw badConfig(`The tokenFile ${path} of ${user.file} is empty.`);
  }
  const token = text(user.value.token)?.trim();
  if (token !== undefined && token !== '') return token;
  if (user.value['auth-provider'] === undefined || user.value['auth-provider'] === null) return undefined;
  return authProviderToken(user, { timeoutMs: options.plugin.timeoutMs, loopbackOnly: options.loopbackOnly });
}

/** Node's own complaint about a header names the header only, but a token with a line end deserves a better one. */
function bearer(token: string | undefined, user: Named): string | undefined {
  if (token === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(token))
    throw badConfig(`The token of the user entry in ${user.file} holds spaces or characters that no token has.`);
  return `Bearer ${token}`;
}

function basic(user: Named): string | undefined {
  const name = text(user.value.username);
  if (name === undefined) return undefined;
  return `Basic ${Buffer.from(`${name}:${text(user.value.password) ?? ''}`).toString('base64')}`;
}

function impersonation(user: Named): Headers {
  const as = text(user.value.as);
  const groups = list(user.value['as-groups']).map(String);
  const uid = text(user.value['as-uid']);
  const extra = Object.entries(object(user.value['as-user-extra'])).map(([name, values]) => {
    return [`impersonate-extra-${encodeURIComponent(name.toLowerCase())}`, list(values).map(String)] as const;
  });
  if (as === undefined) {
    if (groups.length > 0 || uid !== undefined || extra.length > 0)
      throw badConfig(`The user entry in ${user.file} has as-groups, as-uid or as-user-extra without "as".`);
    return {};
  }
  return {
    'impersonate-user': as,
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups }),
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    ...Object.fromEntries(extra),
  };
}

async function pem(
  user: Named,
  name: 'client-certificate' | 'client-key',
  files: Pick<Files, 'read'>,
): Promise<string | undefined> {
  const inline = text(user.value[`${name}-data`]);
  if (inline !== undefined) return Buffer.from(inline, 'base64').toString('utf8');
  const file = text(user.value[name]);
  if (file === undefined) return undefined;
  const path = pathIn(user, file);
  const content = await files.read(path);
  if (content === undefined) throw badConfig(`The ${name} ${path} of ${user.file} does not exist.`);
  return content;
}

function assertHarmless(user: Named): void {
  const risky = ['exec', 'auth-provider', 'tokenFile', 'client-certificate', 'client-key'].filter(
    (name) => user.value[name] !== undefined && user.value[name] !== null,
  );
  if (risky.length === 0) return;
  throw badConfig(
    `The kubeconfig ${user.file} is named by infra.yaml and uses ${risky.join(' and ')}, which runs programs or reads files of yours; nobody has accepted that yet.`,
    ['infra config trust'],
  );
}

type CachedPlugin = { get(): Promise<PluginCredential>; forget(refused: PluginCredential): void };

/** One run at a time, kept until it expires; a failure is kept for a minute. */
function cachedPlugin(run: () => Promise<PluginCredential>): CachedPlugin {
  let running: Promise<PluginCredential> | undefined;
  let known: PluginCredential | undefined;
  let expiresAt: number | undefined;
  const start = (): Promise<PluginCredential> => {
    expiresAt = undefined;
    const mine = run();
    running = mine;
    mine.then(
      (credential) => {
        known = credential;
        expiresAt = credential.expiresAt;
      },
      () => {
        expiresAt = Date.now() + FAILURE_COUNTS_MS;
      },
    );
    return mine;
  };
  return {
    get: () => (running === undefined || (expiresAt !== undefined && Date.now() >= expiresAt) ? start() : running),
    forget(refused) {
      // Of several requests that the same credential failed, only the first one asks for another.
      if (known === refused) running = undefined;
    },
  };
}
