import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { InfraError } from '../../errors.ts';

/** The Job that will be started, and how long it may take. */
export type RoundtripJob = {
  readonly name: string;
  readonly cronJob: string;
  readonly namespace: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Milliseconds that its own deadlines leave it; with a margin for the cluster to notice. */
  readonly waitMs: number;
  /** What the wait follows from. */
  readonly waitFrom: string;
  readonly isSuspended: boolean;
};

type JobSpec = {
  readonly activeDeadlineSeconds?: unknown;
  readonly backoffLimit?: unknown;
  readonly ttlSecondsAfterFinished?: unknown;
  readonly template?: { readonly spec?: { readonly activeDeadlineSeconds?: unknown } };
};

type CronSpec = {
  readonly suspend?: unknown;
  readonly jobTemplate?: {
    readonly metadata?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec?: JobSpec;
  };
};

/** A monitor that looks 15 times every 20 s needs 300 s, and more with a slow mailbox. */
const DEFAULT_SECONDS = 420;
const MARGIN_SECONDS = 30;
/** A Job that nobody could delete goes by itself after this; long enough to read its log. */
const TTL_SECONDS = 600;
/** The API server refuses longer names of Jobs than 63, and pods get a suffix. */
const LONGEST_NAME = 57;

/**
 * A Job as `kubectl create job --from=cronjob/…` makes it: the template's spec, owned by the CronJob. `suffix` makes the
 * name unique. Errors: `mail.malformed` (69) when the CronJob has no template.
 */
export function jobFrom(cronJob: KubernetesObject, suffix: string): RoundtripJob {
  const { name: cron, namespace = 'default', uid } = cronJob.metadata;
  const { jobTemplate, suspend } = (cronJob.spec ?? {}) as CronSpec;
  const spec = jobTemplate?.spec;
  if (spec?.template === undefined) {
    throw new InfraError(
      'mail.malformed',
      'unavailable',
      `The CronJob ${cron} in ${namespace} has no template of a Job.`,
    );
  }
  const name = `${cron.slice(0, LONGEST_NAME - suffix.length - 1)}-${suffix}`;
  const ttl = seconds(spec.ttlSecondsAfterFinished);
  const { labels, annotations } = jobTemplate?.metadata ?? {};
  return {
    name,
    cronJob: cron,
    namespace,
    body: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        namespace,
        labels: { ...labels, 'app.kubernetes.io/managed-by': 'infra' },
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...annotations },
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: cron, uid, controller: true }],
      },
      spec: { ...spec, ttlSecondsAfterFinished: Math.max(ttl ?? 0, TTL_SECONDS) },
    },
    ...waitOf(spec),
    isSuspended: suspend === true,
  };
}

/** A Job's own deadline counts for all its attempts, that of its pods for each. */
function waitOf(spec: JobSpec): Pick<RoundtripJob, 'waitMs' | 'waitFrom'> {
  const whole = seconds(spec.activeDeadlineSeconds);
  const each = seconds(spec.template?.spec?.activeDeadlineSeconds);
  const attempts = (seconds(spec.backoffLimit) ?? 6) + 1;
  const [limit, waitFrom] =
    whole !== undefined
      ? [whole, 'activeDeadlineSeconds of the Job']
      : each !== undefined
        ? [each * attempts, `activeDeadlineSeconds of its pod, ${attempts} attempts`]
        : [DEFAULT_SECONDS, 'no deadline of its own'];
  return { waitMs: (limit + MARGIN_SECONDS) * 1000, waitFrom };
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
