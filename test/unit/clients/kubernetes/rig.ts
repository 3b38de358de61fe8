import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { type KubernetesOptions, makeKubernetes } from '../../../../src/lib/clients/kubernetes/live.ts';
import { InfraError } from '../../../../src/lib/errors.ts';

/** A token that no error may ever show. */
export const TOKEN = 'canary-token-3b1f9c';
export const pem = (name: string): string => readFileSync(new URL(`pki/${name}`, import.meta.url), 'utf8');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

export type Rig = {
  readonly url: string;
  readonly server: Server;
  readonly seen: IncomingMessage[];
  readonly connections: () => number;
};

/** A loopback server that ends with the test. `tls` as for node:https. */
export async function serve(handle: RequestListener, tls?: https.ServerOptions): Promise<Rig> {
  const seen: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push(request);
    handle(request, response);
  };
  const server = tls === undefined ? createServer(listener) : https.createServer(tls, listener);
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    server,
    seen,
    connections: () => connections,
  };
}

export const SERVER_TLS: https.ServerOptions = { key: pem('server.key'), cert: pem('server.crt'), ca: pem('ca.crt') };

/** A kubeconfig of one cluster and one user, as an object. */
export function config(server: string, user: unknown = { token: TOKEN }, cluster: object = {}): object {
  return {
    'current-context': 'ctx',
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'ctx', context: { cluster: 'c', user: 'u', namespace: 'team' } }],
  };
}
export const ca = (name = 'ca.crt'): object => ({ 'certificate-authority-data': base64(pem(name)) });

/** A new folder that ends with the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-kubernetes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Writes kubeconfigs (JSON is YAML) into a new folder and makes a client that reads them in this order. */
export async function client(configs: readonly (object | string)[], more: Partial<KubernetesOptions> = {}) {
  const folder = await makeFolder();
  const paths = configs.map((_, at) => join(folder, `config-${at}`));
  for (const [at, each] of configs.entries())
    await writeFile(paths[at] ?? '', typeof each === 'string' ? each : JSON.stringify(each));
  const messages: string[] = [];
  const kubernetes = makeKubernetes({
    env: { PATH: '/usr/bin:/bin', KUBECONFIG: paths.join(':'), ...more.env },
    home: folder,
    files: makeFiles(),
    loopbackOnly: true,
    onPluginMessage: (line) => messages.push(line),
    timeoutMs: 20_000,
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== 'env')),
  });
  return { kubernetes, folder, messages };
}

/** A client of one server with a static token. */
export const clientOf = async (rig: Pick<Rig, 'url'>, more: Partial<KubernetesOptions> = {}) =>
  (await client([config(rig.url)], more)).kubernetes;

/** The InfraError that a promise must end with; checked for the canary token in all that it carries. */
export async function failure(promise: Promise<unknown>): Promise<InfraError> {
  const error: unknown = await promise.then(
    (value) => new Error(`no error but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof InfraError)) throw error;
  const all = [error.message, ...error.hints, error.stack, inspectDeep(error.cause)].join('\n');
  if (all.includes(TOKEN)) throw new Error(`the token got into the error: ${all}`);
  return error;
}

function inspectDeep(cause: unknown): string {
  const own = Object.getOwnPropertyNames(Object(cause)).map((name) => String(Reflect.get(Object(cause), name)));
  return own.join(' ');
}

export const PODS = { group: '', version: 'v1', plural: 'pods' };
export const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces' };

/** A Status object as the API server writes it. */
export function statusBody(code: number, reason: string, message: string, details: object = {}): string {
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    details,
    code,
  });
}
