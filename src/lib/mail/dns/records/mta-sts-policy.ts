import type { WebAnswer } from '../../../clients/web/client.ts';
import { fail, pass, plainName, type RecordJudgement, warn } from '../dns-rows.ts';

/** What is needed of the answer at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`. */
export type PolicyAnswer = Pick<WebAnswer, 'status' | 'body'> & {
  readonly tls?: { readonly authorized: boolean; readonly reason?: string };
};

const INERT = 'Serve the policy there, or take the TXT record away.';

/**
 * Judges the policy by its body (RFC 8461 §3.2, §3.3): a site that answers every name says 200 too. Senders that
 * cannot read a policy go on without one, so that is a warning; one that leaves out an MX turns mail away.
 */
export function judgePolicy(answer: PolicyAnswer, exchanges: readonly string[]): RecordJudgement {
  const { status, body, tls } = answer;
  if (tls?.authorized === false) {
    return warn(
      'certificate',
      `senders ignore it: the certificate is not valid there (${tls.reason ?? 'untrusted'})`,
      INERT,
    );
  }
  if (status !== 200) return warn('inert', `senders ignore it: ${status} instead of a policy`, INERT);
  const lines = body.split(/\r?\n/).map((line) => line.split(/:(.*)/s).map((part) => part.trim()));
  const all = (key: string): readonly string[] => lines.flatMap(([name, value = '']) => (name === key ? [value] : []));
  const [version] = all('version');
  const [mode = ''] = all('mode');
  const [age = ''] = all('max_age');
  if (version !== 'STSv1' || !['enforce', 'testing', 'none'].includes(mode) || !/^\d{1,10}$/.test(age)) {
    return warn('inert', 'senders ignore it: what answers there (200) is no policy', INERT);
  }
  if (mode === 'none') return pass('mode none: switched off');
  const patterns = all('mx').map(plainName);
  const left = exchanges.filter((name) => !patterns.some((pattern) => covers(pattern, plainName(name))));
  if (left.length === 0) return pass(`mode ${mode}, covers ${exchanges.join(', ')}`);
  const detail = `mode ${mode} leaves out ${left.join(', ')}`;
  const hint = `Add a line mx: ${left[0]} to the policy and a new id to the TXT record.`;
  return mode === 'enforce'
    ? fail('mx-not-covered', `${detail}: senders turn that MX down`, hint)
    : warn('mx-not-covered', detail, hint);
}

/** `*.` stands for one label. */
function covers(pattern: string, name: string): boolean {
  return pattern.startsWith('*.') ? name.split('.').slice(1).join('.') === pattern.slice(2) : pattern === name;
}
