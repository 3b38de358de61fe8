import { redactLine } from '../../diagnosis/logs/redact-line.ts';
import type { MailFact, Peer } from '../log/fact.ts';
import type { Seen } from './store.ts';
import type { Stage, TraceStep } from './traced.ts';

/** What one fact is in the story of a mail. */
export function stepOf({ atMs, daemon, fact }: Seen): TraceStep {
  const { stage, text } = told(fact, daemon);
  const queueId = 'queueId' in fact ? fact.queueId : undefined;
  return {
    at: new Date(atMs).toISOString(),
    stage,
    program: programOf(fact, daemon),
    ...(queueId === undefined ? {} : { queueId }),
    text: redactLine(text, 500),
  };
}

function programOf(fact: MailFact, daemon: string): string {
  if (fact.kind === 'scan') return 'rspamd';
  if (fact.kind === 'mailbox') return 'dovecot';
  return fact.kind === 'balanced' ? 'haproxy' : daemon;
}

/** `name[address]`, with the port where it is known. */
export function peerText({ name, address, port }: Peer): string {
  const where = name === undefined ? address : `${name}[${address}]`;
  return port === undefined ? where : `${where} port ${port}`;
}

type Told = { readonly stage: Stage; readonly text: string };

function told(fact: MailFact, daemon: string): Told {
  const incoming: Stage = daemon === 'postscreen' ? 'postscreen' : 'smtpd';
  switch (fact.kind) {
    case 'balanced':
      return { stage: 'balancer', text: `${peerText(fact.client)} passed on to ${fact.server} (${fact.frontend})` };
    case 'connect':
      return { stage: incoming, text: `connection from ${peerText(fact.client)}` };
    case 'screen':
      return { stage: 'postscreen', text: fact.result === 'pass' ? 'let through' : fact.text };
    case 'tls':
      return { stage: 'smtpd', text: `encrypted, ${fact.text}` };
    case 'disconnect':
      return { stage: 'smtpd', text: fact.text };
    case 'client': {
      const login = fact.login === undefined ? '' : `, logged in as ${fact.login}`;
      return { stage: 'smtpd', text: `taken from ${peerText(fact.client)}${login}` };
    }
    case 'pickup': {
      const again = fact.origId === undefined ? '' : `, before that ${fact.origId}`;
      return { stage: 'pickup', text: `left by a program of user ${fact.uid}${again}` };
    }
    case 'message-id':
      return { stage: 'cleanup', text: `message id <${fact.messageId}>` };
    case 'scan':
      return { stage: 'filter', text: scanText(fact) };
    case 'queued': {
      const count = `${fact.recipients} recipient${fact.recipients === 1 ? '' : 's'}`;
      return { stage: 'queue', text: `in the queue: from <${fact.from}>, ${fact.size} bytes, ${count}` };
    }
    case 'returned':
      return { stage: 'queue', text: 'too old: returned to the sender' };
    case 'delivery': {
      const relay = fact.relay === 'none' ? '' : ` by ${fact.relay}`;
      return { stage: 'delivery', text: `<${fact.to}>${relay}: ${fact.status} (${fact.reply})` };
    }
    case 'mailbox':
      return { stage: 'mailbox', text: `${fact.user}: ${fact.text}` };
    case 'removed':
      return { stage: 'queue', text: daemon === 'postsuper' ? 'deleted by hand' : 'done, out of the queue' };
    case 'action': {
      const by = fact.isMilter ? 'a filter says ' : '';
      const to = fact.to === undefined ? '' : ` (to <${fact.to}>)`;
      const stage = daemon === 'cleanup' ? 'cleanup' : incoming;
      return { stage, text: `${by}${fact.action}: ${fact.text}${to}` };
    }
    case 'notice':
      return { stage: 'notice', text: `${fact.text}: ${fact.noticeId}` };
    case 'note':
      return { stage: daemon === 'cleanup' ? 'cleanup' : daemon === 'smtpd' ? 'smtpd' : 'queue', text: fact.text };
  }
}

function scanText({ action, score, limit, symbols }: Extract<MailFact, { kind: 'scan' }>): string {
  const figures = score === undefined ? '' : `, score ${score}${limit === undefined ? '' : ` of ${limit}`}`;
  const why = symbols.length === 0 ? '' : ` (${symbols.join(', ')})`;
  return `${action}${figures}${why}`;
}
