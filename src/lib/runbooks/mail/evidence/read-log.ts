import { compileSignatures } from '../../../diagnosis/logs/compile.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import type { LogEvidence, LogWindow, WindowName } from '../../evidence/log-window.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { readWindow } from '../../evidence/scan-window.ts';
import { type ClientCounts, insideOf, tallyClients } from './clients.ts';

/** The log of the mail server, folded while it streamed: what was recognised, and whom it names as senders. */
export type MailLogEvidence = LogEvidence & { readonly clients: ClientCounts };

/** A diagnosis is a guest: the newest quarter of an hour first, and never more than this of one log at a time. */
const LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Reads the log of the pod's mail container: the newest part; before a restart; more hours where no sender was seen;
 * its beginning where a fault was, to date it. Throws what the newest part throws.
 */
export async function readMailLog(ask: Ask, pod: PodFact): Promise<MailLogEvidence> {
  const { mail } = ask.site;
  const container = mail.pod.container.value;
  const kubernetes = await ask.client('kubernetes');
  const signatures = compileSignatures({ components: ['postfix', 'dovecot', 'rspamd'] });
  const inside = insideOf([
    ...(mail.nodes.value ?? []).map(({ address }) => address),
    ...(mail.haproxy.value === undefined ? [] : [mail.haproxy.value]),
  ]);
  const read: LogWindow[] = [];
  const fold = async (window: WindowName): Promise<ClientCounts> => {
    const tally = tallyClients(inside);
    const request = { namespace: pod.namespace, pod: pod.name, container, limitBytes: LIMIT_BYTES, signal: ask.signal };
    const scanned = await readWindow(kubernetes, window, { request, signatures, now: ask.now, see: tally.see });
    const clients = tally.result();
    read.push({ ...scanned, served: clients.senders });
    return clients;
  };
  const newest = await fold('newest');
  if ((pod.containers.find(({ name }) => name === container)?.restarts ?? 0) > 0) await fold('previous');
  const hasCause = read.some(({ found }) => found.some(({ kind }) => kind === 'cause'));
  const wider = newest.senders + newest.lost === 0 ? await fold('wider') : undefined;
  if (hasCause) await fold('beginning');
  return { read, missed: [], clients: wider ?? newest };
}
