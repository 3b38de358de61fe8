import type { Diagnosis, DiagnosisFinding } from '../../diagnosis/diagnosis.ts';

/** Where to go from triage. `subject` is undefined where no runbook knows more. */
export type LookAt = { readonly subject?: string; readonly command: string; readonly because: string };

/** A subject and the namespaces that its parts live in. */
export type Territory = { readonly subject: string; readonly namespaces: readonly string[] };

/**
 * The one place to look at first. A cluster that does not answer comes before everything; then a subject whose own first
 * question failed; then nodes; then the subject in whose namespaces pods are in trouble or alerts fire; then whatever
 * else was found. Undefined when nothing was found: what was not measured is then all there is to say.
 */
export function lookAt(
  { findings }: Pick<Diagnosis, 'findings'>,
  territories: readonly Territory[],
): LookAt | undefined {
  const bad = (finding: DiagnosisFinding | undefined): boolean =>
    finding !== undefined && finding.ignored === undefined && ['FAIL', 'WARN'].includes(finding.verdict);
  const of = (id: string): DiagnosisFinding | undefined => findings.find((finding) => finding.id === id);
  const api = of('cluster.api.answers');
  if (api?.verdict === 'UNKNOWN')
    return { command: 'infra doctor', because: `the cluster does not answer: ${api.detail}` };

  const firsts = territories.flatMap(({ subject }) => findings.filter(({ id }) => id.startsWith(`${subject}.`)));
  const failing = firsts.find(({ verdict }) => verdict === 'FAIL');
  if (bad(failing)) return ofSubject(failing);
  const nodes = of('cluster.nodes.ready');
  if (nodes?.verdict === 'FAIL' && bad(nodes)) {
    const [name = ''] = nodes.observations.flatMap(({ subject }) => subject ?? []);
    return { command: `kubectl describe node ${name}`, because: nodes.detail };
  }
  const warning = firsts.find(bad);
  if (warning !== undefined) return ofSubject(warning);
  const pods = of('cluster.pods.running');
  const alerts = of('cluster.alerts.firing');
  for (const finding of [pods, alerts].filter(bad)) {
    const owner = territories.find(({ namespaces }) => namespacesOf(finding).some((each) => namespaces.includes(each)));
    if (owner !== undefined && finding !== undefined)
      return { ...subjectCommand(owner.subject), because: finding.detail };
  }
  const [other] = [pods, nodes, alerts, api].filter(bad);
  return other === undefined ? undefined : { command: other.command ?? 'infra doctor', because: other.detail };
}

const subjectCommand = (subject: string): Pick<LookAt, 'subject' | 'command'> => ({
  subject,
  command: `infra diagnose ${subject}`,
});

function ofSubject(finding: DiagnosisFinding | undefined): LookAt | undefined {
  const subject = finding?.id.split('.')[0];
  return subject === undefined ? undefined : { ...subjectCommand(subject), because: finding?.detail ?? '' };
}

/** The namespaces that a finding of the cluster names in its data. */
function namespacesOf(finding: DiagnosisFinding | undefined): readonly string[] {
  const { bad = [], alerts = [] } = (finding?.data ?? {}) as Record<string, readonly { readonly namespace?: string }[]>;
  return [...bad, ...alerts].flatMap(({ namespace }) =>
    namespace === undefined || namespace === '' ? [] : [namespace],
  );
}
