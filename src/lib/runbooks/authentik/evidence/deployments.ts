import type { KubernetesObject } from '../../../clients/kubernetes/client.ts';
import { labels, number, record, records, text } from '../../evidence/shape.ts';

/** What should run, and what does. */
export type DeploymentFact = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly wanted: number;
  readonly ready: number;
  readonly images: readonly string[];
  /** Conditions that are bad: `Progressing: ProgressDeadlineExceeded`. */
  readonly stuck: readonly string[];
};

/** Reads a Deployment as the API gives it. Its replicas are what it should have, never a number from a document. */
export function toDeploymentFact(object: KubernetesObject): DeploymentFact {
  const [spec, status] = [record(object.spec), record(object.status)];
  const template = record(record(spec.template).spec);
  const stuck = records(status.conditions).filter(
    ({ type, status: is }) =>
      (type === 'Progressing' && is === 'False') || (type === 'ReplicaFailure' && is === 'True'),
  );
  return {
    name: object.metadata.name,
    labels: { ...labels(object.metadata.labels), ...labels(record(record(spec.template).metadata).labels) },
    wanted: number(spec.replicas) ?? 1,
    ready: number(status.readyReplicas) ?? 0,
    images: records(template.containers).flatMap(({ image }) => text(image) ?? []),
    stuck: stuck.map(({ type, reason }) => `${text(type)}: ${text(reason) ?? 'unknown'}`),
  };
}

const isOutpost = ({ name }: DeploymentFact): boolean => name.startsWith('ak-outpost-');

/** Which part of Authentik a Deployment is. */
export function partOf(deployment: DeploymentFact): 'server' | 'worker' | 'pooler' | 'outpost' | 'other' {
  if (isOutpost(deployment)) return 'outpost';
  if (deployment.name === 'pgbouncer' || deployment.labels.app === 'pgbouncer') return 'pooler';
  const component = deployment.labels['app.kubernetes.io/component'];
  if (component === 'worker' || deployment.name.endsWith('-worker')) return 'worker';
  if (component === 'server' || deployment.name.endsWith('-server')) return 'server';
  return 'other';
}
