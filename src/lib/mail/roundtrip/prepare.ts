import type { Kubernetes } from '../../clients/kubernetes/client.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { jobFrom, type RoundtripJob } from './job.ts';

const CRON_JOBS = { group: 'batch', version: 'v1', plural: 'cronjobs' };

/** What sending must be allowed to do; only the log may be missing. */
const NEEDED = [
  { verb: 'create', group: 'batch', resource: 'jobs' },
  { verb: 'delete', group: 'batch', resource: 'jobs' },
  { verb: 'get', group: 'batch', resource: 'jobs' },
  { verb: 'list', group: '', resource: 'pods' },
] as const;

/**
 * Everything that can be known before a Job is created: its CronJob, its time, the rights. Errors: those of the cluster,
 * `mail.empty` (69: no such CronJob), `mail.roundtrip-denied` (77, names the verbs), `mail.malformed` (69).
 */
export async function prepareRoundtrip(
  { kubernetes }: { readonly kubernetes: Pick<Kubernetes, 'get' | 'allowed'> },
  site: Site,
  suffix: string,
): Promise<RoundtripJob> {
  const namespace = site.mail.namespace.value;
  const name = site.mail.roundtrip.cronJob.value;
  const cronJob = await kubernetes.get(CRON_JOBS, name, namespace);
  if (cronJob === undefined) {
    throw new InfraError('mail.empty', 'unavailable', `There is no CronJob ${name} in ${namespace}.`, {
      hints: ['mail.roundtrip.cronJob in infra.yaml names it.', `kubectl -n ${namespace} get cronjobs`],
    });
  }
  const job = jobFrom(cronJob, suffix);
  const allowed = await Promise.all(NEEDED.map((question) => kubernetes.allowed({ ...question, namespace })));
  const missing = NEEDED.filter((_, at) => allowed[at] !== true).map(({ verb, resource }) => `${verb} ${resource}`);
  if (missing.length === 0) return job;
  throw new InfraError(
    'mail.roundtrip-denied',
    'denied',
    `Starting a Job from the CronJob ${name}: you may not ${missing.join(', nor ')} in ${namespace}. Nothing was changed.`,
    {
      hints: NEEDED.map(({ verb, resource }) => `kubectl -n ${namespace} auth can-i ${verb} ${resource}`).slice(0, 2),
      nothingChanged: true,
    },
  );
}
