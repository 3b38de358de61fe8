import type { Remedy } from '../../../diagnosis/cause.ts';
import type { Json } from '../../../diagnosis/json.ts';
import type { Judgements } from '../../../diagnosis/runbook.ts';
import { type Settings, siteIn } from '../evidence/settings.ts';
import { SETTINGS_ID } from '../names.ts';

/** Commands for the site that was looked at; with placeholders where none was. */
export type Where = {
  readonly namespace: string;
  readonly service: string;
  readonly domain: string;
  /** A program in the mail server's pod. */
  inPod(command: string): string;
  /** The mail server's log of the last quarter of an hour. */
  readonly logs: string;
  onBalancer(command: string): string;
  onFirewall(command: string): string;
};

/** Reads the names from the evidence: a replay has no site. */
export function where(judged: Judgements | undefined): Where {
  const kept = judged?.answer<Json>(SETTINGS_ID);
  const mail = kept === undefined ? undefined : siteIn(kept as unknown as Settings).mail;
  const namespace = mail?.namespace.value ?? 'mailserver';
  const service = mail?.service.value ?? 'mailserver';
  const container = mail?.pod.container.value ?? 'docker-mailserver';
  const selector = mail?.pod.selector.value ?? 'app=mailserver';
  const hostname = mail?.hostname.value;
  const domain = mail?.dns.domain.value ?? hostname?.replace(/^[^.]+\./, '') ?? '<domain>';
  const over = (host: string, command: string): string => `ssh ${host} '${command}'`;
  return {
    namespace,
    service,
    domain,
    inPod: (command) => `kubectl -n ${namespace} exec deploy/${service} -c ${container} -- ${command}`,
    logs: `kubectl -n ${namespace} logs -l ${selector} -c ${container} --tail=-1 --since=15m`,
    onBalancer: (command) => over(mail?.ssh.haproxy.value ?? '<balancer>', command),
    onFirewall: (command) => over(mail?.ssh.nat.value ?? '<firewall>', command),
  };
}

/** A step that only looks. */
export function look(text: string, command: string): Remedy {
  return { phase: 'now', text, command, risk: 'read' };
}

/** The proof that it is over: the same question again, no oftener than once a minute. */
export function verify(only: string): Remedy {
  return {
    phase: 'verify',
    text: 'ask the same again, until it holds',
    command: `infra diagnose mail --only ${only} --wait 3m`,
    risk: 'read',
  };
}

/** A repair by hand is taken back by the next apply: each needs its place in code. */
export function inCode(text: string, anchor: string): Remedy {
  return { phase: 'for-good', text: `${text} (infra runbook show mail#${anchor})`, risk: 'write' };
}
