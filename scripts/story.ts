/** One command of the demo: what is said before it, what is typed, how it has to end. */
export type Scene = { readonly told: readonly string[]; readonly typed: readonly string[]; readonly status: number };

const ALICE = ['user', 'add', 'alice', '--email', 'alice@example.com', '--yes'];

/** The first evening of `npm run demo`; README shows its first two scenes as they were recorded. */
export const STORY: readonly Scene[] = [
  {
    told: [
      'Alice joins. Her entry goes into Vault, then five stacks have to be applied, in the right order.',
      'One command: it looks first, says what it will do, does it, and proves the result.',
    ],
    typed: ALICE,
    status: 0,
  },
  {
    told: ['The same command again. Nothing is left to do, so nothing is done.'],
    typed: ALICE,
    status: 0,
  },
  {
    told: [
      'Not every name may be a user. Vault has a secret called "authentik", and a user of that name would own it.',
      'The refusal comes before anything is written.',
    ],
    typed: ['user', 'add', 'authentik', '--email', 'mallory@example.com', '--yes'],
    status: 65,
  },
];

/** The platform of the second evening: what one notices is that nobody can log in. */
export const INCIDENT_WORLD = 'outpost-shm-full';

/** The second evening; README shows its last scene. */
export const INCIDENT: readonly Scene[] = [
  {
    told: [
      'Another evening, another platform: every protected site answers 400. Nobody knows why yet.',
      'The first minute: what should be looked at?',
    ],
    typed: ['diagnose'],
    status: 2,
  },
  {
    told: ['One cause, what it is not, and what to type next. Nothing is changed by asking.'],
    typed: ['diagnose', 'authentik'],
    status: 2,
  },
];

/** What a reader may type next, in a new sandbox, each with what it shows. */
export const NEXT: readonly { readonly typed: readonly string[]; readonly shows: string }[] = [
  { typed: ['user', 'list'], shows: 'who is there, and whether the cluster has what the entry says' },
  { typed: ['user', 'add', 'alice', '--email', 'alice@example.com', '--dry-run'], shows: 'look first, change nothing' },
  { typed: ['user', 'verify', 'bob', '--json'], shows: 'the proof, as one document for machines' },
  { typed: ['stack', 'graph'], shows: 'what needs what, also where nobody declares it' },
  { typed: ['doctor'], shows: 'what infra needs, with the fix for what is missing' },
];
