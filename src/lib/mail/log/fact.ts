/** Who connected, as the log names it. `port` only where postscreen or HAProxy tells it. */
export type Peer = { readonly name?: string; readonly address: string; readonly port?: number };

/** How one delivery of one recipient ended. */
export type DeliveryStatus = 'sent' | 'deferred' | 'bounced' | 'expired' | 'deliverable' | 'undeliverable' | 'filtered';

/** Where a mail was turned away, held or thrown away. `milter`: by a filter that Postfix asked, such as rspamd. */
export type ActionKind = 'reject' | 'hold' | 'discard' | 'redirect' | 'filter' | 'warn';

/** What one line says. Texts are as they were written; whoever shows them redacts them. */
export type MailFact =
  | { readonly kind: 'connect'; readonly client: Peer }
  | {
      readonly kind: 'screen';
      readonly client: Peer;
      readonly result: 'pass' | 'trouble' | 'end';
      readonly text: string;
    }
  | { readonly kind: 'tls'; readonly client: Peer; readonly text: string }
  | { readonly kind: 'disconnect'; readonly client: Peer; readonly isLost: boolean; readonly text: string }
  | {
      readonly kind: 'client';
      readonly queueId: string;
      readonly client: Peer;
      readonly login?: string;
      readonly origId?: string;
    }
  | {
      readonly kind: 'pickup';
      readonly queueId: string;
      readonly from: string;
      readonly uid: number;
      readonly origId?: string;
    }
  | { readonly kind: 'message-id'; readonly queueId: string; readonly messageId: string }
  | {
      readonly kind: 'queued';
      readonly queueId: string;
      readonly from: string;
      readonly size: number;
      readonly recipients: number;
    }
  | { readonly kind: 'returned'; readonly queueId: string; readonly from: string }
  | {
      readonly kind: 'delivery';
      readonly queueId: string;
      readonly to: string;
      readonly origTo?: string;
      readonly relay: string;
      /** Seconds since the mail arrived. */
      readonly delay?: number;
      readonly dsn?: string;
      readonly status: DeliveryStatus;
      readonly reply: string;
      /** The id that the next server, or this one, gave it. */
      readonly queuedAs?: string;
    }
  | { readonly kind: 'removed'; readonly queueId: string }
  | {
      readonly kind: 'action';
      readonly action: ActionKind;
      readonly isMilter: boolean;
      /** Left out: it had none yet. */
      readonly queueId?: string;
      readonly client?: Peer;
      readonly from?: string;
      readonly to?: string;
      readonly helo?: string;
      /** 450, 554, … */
      readonly code?: number;
      readonly text: string;
    }
  | { readonly kind: 'notice'; readonly queueId: string; readonly noticeId: string; readonly text: string }
  | { readonly kind: 'note'; readonly queueId: string; readonly text: string; readonly isWarning: boolean }
  | {
      readonly kind: 'mailbox';
      readonly user: string;
      readonly session?: string;
      readonly messageId?: string;
      readonly action: 'saved' | 'forwarded' | 'discarded' | 'rejected' | 'failed' | 'answered';
      readonly mailbox?: string;
      readonly text: string;
    }
  | {
      readonly kind: 'scan';
      readonly queueId?: string;
      readonly messageId?: string;
      readonly address?: string;
      readonly action: string;
      readonly score?: number;
      readonly limit?: number;
      /** The symbols that weighed most, with their scores. */
      readonly symbols: readonly string[];
    }
  | {
      readonly kind: 'balanced';
      readonly client: Peer;
      readonly frontend: string;
      readonly server: string;
      readonly termination: string;
    };

/** One line of a mail log: when, which program, what it says. */
export type MailLine = {
  /** Milliseconds since 1970; undefined: the line has no time. */
  readonly atMs: number | undefined;
  readonly component: 'postfix' | 'dovecot' | 'rspamd' | 'haproxy';
  /** `smtpd`, `lmtp`, `qmgr`, … */
  readonly daemon: string;
  /** Postfix's own name of the listener, where it has one: `smtpd-proxy25`. */
  readonly listener?: string;
  readonly pid: number | undefined;
  readonly text: string;
};
