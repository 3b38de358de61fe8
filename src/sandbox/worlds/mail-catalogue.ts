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
  ] as const
).map(([name, symptom]) => ({
  name,
  symptom,
  load: async (setting) => (await import('./mail-broken.ts')).mailWorld(name, setting),
}));
