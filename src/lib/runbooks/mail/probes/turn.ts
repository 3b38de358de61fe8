import { join } from 'node:path';
import type { Probe } from '../../../diagnosis/probe.ts';
import { afterLastRun, STAMPS } from '../../../mail/pace.ts';
import { SETTINGS_ID, TURN_ID } from '../names.ts';

export type TurnEvidence = { readonly waitedSeconds: number };

/** Whoever connects waits for this first: the servers count connections, and `mail check-ports` is counted too. */
export const turn: Probe<TurnEvidence> = {
  id: TURN_ID,
  title: 'pause between runs',
  layer: 'context',
  dependsOn: [SETTINGS_ID],
  kind: 'passive',
  cost: 'nothing; waits until a minute has passed since the last run that connected',
  timeoutMs: 75_000,
  question: 'Did this machine connect to the mail server within the last minute?',
  why: 'Postfix allows ten connections a minute and client, and bans who is rude. A diagnosis that makes its own 421 has found nothing.',
  byHand: () => 'infra mail check-ports --dry-run   # each connection of a run, nothing sent',
  healthy: 'No; else the connections wait for the rest of the minute.',
  failures: [],

  async collect({ client, site, signal, stateFolder, say = () => {} }) {
    if (stateFolder === undefined) return { waitedSeconds: 0 };
    const [clock, files] = await Promise.all([client('clock'), client('files')]);
    const began = clock.monotonic();
    await afterLastRun({ clock, files }, join(stateFolder, STAMPS), site.mail.hostname.value ?? '', say, signal);
    return { waitedSeconds: Math.round((clock.monotonic() - began) / 1000) };
  },

  judge: ({ waitedSeconds }) => ({
    verdict: 'PASS',
    detail: waitedSeconds === 0 ? 'nobody had to wait' : `waited ${waitedSeconds} s before connecting`,
  }),
};
