import { type Answer, jsonAnswer } from '../http/exchange.ts';
import { serviceAccountToken, serviceAccountUser } from './admission.ts';
import { at, type KubeObject } from './object.ts';
import { type ClusterState, timestamp } from './state.ts';

/** TokenRequest: a new token of a ServiceAccount, good until the sandbox ends. */
export function mintToken(state: ClusterState, account: KubeObject, body: unknown): Answer {
  const { name, namespace = '' } = account.metadata;
  const token = serviceAccountToken(namespace, name, `request-${state.tokens.size}`);
  state.tokens.set(token, serviceAccountUser(namespace, name));
  const expirationSeconds = Number(at(body, 'spec', 'expirationSeconds') ?? 3600);
  const spec = { audiences: ['https://kubernetes.default.svc'], expirationSeconds, boundObjectRef: null };
  const expires = new Date(Date.now() + expirationSeconds * 1000);
  const request = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp() },
    spec,
    status: { token, expirationTimestamp: expires.toISOString().replace(/\.\d+Z$/, 'Z') },
  };
  return jsonAnswer(201, JSON.stringify(request));
}
