import { join } from 'node:path';
import type { PayloadOf } from '../documents/envelope.ts';
import type { mailCheckPorts } from '../documents/mail-check-ports.ts';
import type { Selection } from '../mail/cells.ts';
import { checkPorts, hostnameOf, type PlannedQuestion, type PortCheck, plannedQuestions } from '../mail/check-ports.ts';
import type { Request, Vantage } from '../mail/gather.ts';
import { afterLastRun, STAMPS } from '../mail/pace.ts';
import { checkPortsText, plannedText } from '../render/mail-check-ports.ts';
import type { Site } from '../site/site.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import { type MailFlags, selectionOf } from './mail-flags.ts';
import type { Outcome } from './report.ts';

type Payload = PayloadOf<typeof mailCheckPorts>;

/** What a run of `mail check-ports` needs of its command. */
export type MailRun = {
  readonly context: Context;
  readonly host: Host;
  readonly flags: MailFlags;
  /** Writes a line about a wait to stderr. */
  readonly say: (line: string) => void;
};

/** One run, or with `--dry-run` what it would ask. */
export async function runCheckPorts({ context, host, flags, say }: MailRun): Promise<Outcome<Payload>> {
  const site = await context.site('read');
  const request: Request = {
    site,
    serverName: hostnameOf(site),
    selection: selectionOf(site, flags),
    vantage: vantageOf(host, site, flags.from),
    say,
    signal: host.interruption.signal,
  };
  const { clock, files } = await context.clients('clock', 'files');
  const planned = plannedQuestions(request, clock.now());
  if (flags['dry-run']) return plannedOutcome(request, planned);
  // What asks the API and the hosts only costs the mail server nothing.
  if (planned.some(({ kind }) => kind === 'connect')) {
    const stamps = join(context.stateFolder, STAMPS);
    await afterLastRun({ clock, files }, stamps, request.serverName, say, request.signal);
  }
  const clients = await context.clients('sockets', 'ssh', 'http');
  const kubernetes = await context.diagnosedCluster();
  const began = host.monotonic();
  const check = await checkPorts({ clock, kubernetes, ...clients }, request);
  return checkedOutcome(request.selection, check, host.monotonic() - began);
}

/**
 * Who connects. In pods there is a variable of Kubernetes; only there, or on a node, does a ClusterIP answer. What asks the
 * API, and the hosts over ssh, stays this machine.
 */
function vantageOf({ env }: Host, site: Site, from: string | undefined): Vantage {
  if (from !== undefined) {
    const isNode = (site.mail.nodes.value ?? []).some(({ name, address }) => from === name || from === address);
    return { name: from, inCluster: isNode, ssh: site.hosts.value.find(({ name }) => name === from)?.ssh ?? from };
  }
  const inCluster = (env.KUBERNETES_SERVICE_HOST ?? '') !== '';
  return { name: inCluster ? 'a pod of the cluster' : 'this machine', inCluster };
}

function checkedOutcome({ deep }: Selection, check: PortCheck, tookMs: number): Outcome<Payload> {
  const { hostname, rows, findings, counts, connections, conclusion } = check;
  return {
    status: check.status,
    payload: {
      hostname,
      vantage: check.vantage.name,
      deep,
      dryRun: false,
      rows: rows.map(mutable),
      findings: [...findings],
      counts,
      conclusion: {
        state: conclusion.state,
        summary: conclusion.summary,
        breaks: conclusion.breaks.map((each) => ({ ...each, protocols: [...each.protocols], next: [...each.next] })),
        notes: [...conclusion.notes],
      },
      connections,
    },
    text: (style) => checkPortsText(style, check, tookMs),
  };
}

/** zod's types know arrays that may be changed only. */
function mutable(row: PortCheck['rows'][number]): Payload['rows'][number] {
  const { certificate, phases, transcript, ...rest } = row;
  return {
    ...rest,
    ...(certificate === undefined ? {} : { certificate: { ...certificate, names: [...certificate.names] } }),
    ...(phases === undefined ? {} : { phases: [...phases] }),
    ...(transcript === undefined ? {} : { transcript: [...transcript] }),
  };
}

function plannedOutcome(request: Request, planned: readonly PlannedQuestion[]): Outcome<Payload> {
  return {
    status: 'ok',
    payload: {
      hostname: request.serverName,
      vantage: request.vantage.name,
      deep: request.selection.deep,
      dryRun: true,
      planned: [...planned],
      rows: [],
      findings: [],
      counts: { PASS: 0, WARN: 0, FAIL: 0, UNKNOWN: 0, SKIP: 0 },
      connections: 0,
    },
    text: (style) => plannedText(style, planned),
  };
}
