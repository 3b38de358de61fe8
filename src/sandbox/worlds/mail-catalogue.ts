import type { WorldEntry } from './catalogue.ts';

/** The worlds in which something about mail is wrong, or looks as if it were. */
export const MAIL_WORLDS: readonly WorldEntry[] = (
  [
    ['mail-smtps-refused', 'some mail programs cannot send any more; others can'],
    [
      'mail-port-25-blocked',
      'nothing is known to be wrong; whoever is on call sits behind a provider that blocks port 25',
    ],
    ['mail-outside-only', 'no mail comes in from outside; webmail works'],
    ['mail-smtp-gone', 'no mail comes in at all'],
    ['mail-submission-odd', 'mail programs outside cannot send; webmail can'],
    ['mail-unready', 'no mail works since the restart'],
    ['mail-submission-closed', 'mail programs outside cannot send since the Services were tidied up'],
    ['mail-nat-old-target', 'no mail comes in from outside since the move; from the office all is well'],
    ['mail-ipv6-dark', 'some senders report delays'],
    ['mail-certificate', 'mail programs warn about the certificate'],
    ['mail-auth-in-the-clear', 'nobody has noticed anything'],
    ['mail-busy', 'some connections are asked to come back later'],
    ['mail-not-arriving', 'every port answers, and the monitor’s mails do not arrive'],
    ['mail-no-ssh', 'nothing is known to be wrong; the firewall lets nobody in over ssh'],
    ['mail-pool-forgotten', 'mail programs outside cannot send since last night’s maintenance'],
    ['mail-provider-blocks', 'some mail programs cannot send from anywhere outside; from the office they can'],
    ['mail-half-of-them', 'mail programs outside can send every other time, or not at all'],
    ['mail-waits-and-hangs-up', 'mail programs outside wait for seconds and cannot send'],
    ['mail-inside-cut-off', 'no mail comes in at all since the listeners were tidied up'],
    ['mail-come-back-later', 'senders report delays; every port answers'],
    ['mail-everybody-is-us', 'much more spam than usual since yesterday'],
    ['mail-nothing-leaves', 'our mail reaches nobody outside since a few minutes'],
    ['mail-no-login', 'nobody has noticed anything yet'],
  ] as const
).map(([name, symptom]) => ({
  name,
  symptom,
  load: async (setting) => (await import('./mail-broken.ts')).mailWorld(name, setting),
}));

/** The worlds in which a record of mail is wrong, or looks as if it were. */
export const MAIL_RECORD_WORLDS: readonly WorldEntry[] = (
  [
    ['mail-dns-nowhere', 'nobody outside can send us mail: no such address, say some'],
    ['mail-dns-forged', 'our mail lands in the spam folders of some receivers'],
    ['mail-dns-old-key', 'one receiver complains about our signatures'],
    ['mail-dns-own-mail-quarantined', 'mail from ourselves to ourselves lands in quarantine'],
    ['mail-dns-provider-name', 'somebody tested the domain on a web page and sends us the result'],
    ['mail-dns-provider-name-unknown', 'somebody tested the domain on a web page and worries about one line'],
    ['mail-dns-policy', 'nobody has noticed anything; encrypted delivery was announced last spring'],
    ['mail-dns-just-changed', 'the stricter policy was applied a minute ago, and forged mail still comes in'],
    ['mail-dns-inside-silent', 'the spam filter is slow; all else works'],
    ['mail-dns-list-refuses', 'nothing is known to be wrong'],
    ['mail-dns-rejected', 'some receivers turn our mail away'],
  ] as const
).map(([name, symptom]) => ({
  name,
  symptom,
  load: async (setting) => (await import('./mail-records.ts')).mailRecordsWorld(name, setting),
}));

/** The worlds in which a mail that is sent around now does not come back. */
export const MAIL_ROUND_WORLDS: readonly WorldEntry[] = (
  [
    ['mail-round-key-refused', 'the monitor’s mails have not come round for an hour'],
    ['mail-round-not-arriving', 'the monitor’s mails have not come round for an hour, and some senders complain'],
    ['mail-round-mailbox-shut', 'the monitor’s mails have not come round since a password was changed'],
    ['mail-round-no-image', 'the monitor has been silent for an hour'],
    ['mail-round-slow', 'the monitor’s mails take very long'],
    ['mail-round-unreadable', 'the monitor has been red since it was edited'],
    ['mail-round-forbidden', 'nothing is known to be wrong; whoever is on call may not start Jobs'],
  ] as const
).map(([name, symptom]) => ({
  name,
  symptom,
  load: async (setting) => (await import('./mail-round.ts')).mailRoundWorld(name, setting),
}));

/** The worlds in which somebody misses a mail. */
export const MAIL_TRACE_WORLDS: readonly WorldEntry[] = (
  [
    ['mail-trace-waiting', 'dave’s mail to ann@example.com has not arrived'],
    ['mail-trace-gone', 'dave’s mail to ann@example.com has not arrived, and nobody finds it'],
    ['mail-trace-refused', 'ann@example.com, offers@example.org and new@example.com say that their mails come back'],
    ['mail-trace-elsewhere', 'bob, carol and dave miss mails that ann@example.com has sent'],
    ['mail-trace-restarted', 'bob cannot find a mail of ann@example.com; the mail server was restarted since'],
  ] as const
).map(([name, symptom]) => ({
  name,
  symptom,
  load: async (setting) => (await import('./mail-traced.ts')).mailTraceWorld(name, setting),
}));

/** The worlds in which mail waits somewhere, or in which nobody can see whether it does. */
export const MAIL_QUEUE_WORLDS: readonly WorldEntry[] = (
  [
    ['mail-queue-local', 'nobody gets new mail; senders see no error'],
    ['mail-queue-relay', 'our mail reaches nobody outside; mail among ourselves works'],
    ['mail-queue-slow-receivers', 'bob says that his mail to a friend has not arrived yet'],
    ['mail-queue-second-mx', 'mail from outside is hours late'],
    ['mail-queue-held', 'dave waits for a mail that its sender sent two days ago'],
    ['mail-queue-garbled', 'nothing is known to be wrong; a colleague wrapped some programs'],
    ['mail-queue-postfix-down', 'no mail works at all'],
    ['mail-queue-second-mx-shut', 'nothing is known to be wrong; the second MX lets nobody in over ssh'],
  ] as const
).map(([name, symptom]) => ({
  name,
  symptom,
  load: async (setting) => (await import('./mail-queued.ts')).mailQueueWorld(name, setting),
}));

/** The world in which mail is kept out by a ban. */
export const MAIL_BAN_WORLDS: readonly WorldEntry[] = [
  {
    name: 'mail-relay-banned',
    symptom: 'every port answers; what comes by one relay does not arrive',
    load: async (setting) => (await import('./mail-broken.ts')).mailRelayBanned(setting),
  },
];
