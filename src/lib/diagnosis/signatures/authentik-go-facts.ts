import type { Signature } from './signature.ts';

const component = 'authentik-go';

/** What the Go outpost says about itself, what of it is noise, and the answers of applications behind it. */
export const AUTHENTIK_GO_FACTS: readonly Signature[] = [
  {
    id: 'AG15',
    component,
    pattern: /^using \w+ session backend$/i,
    anchors: ['session backend'],
    where: 'message',
    kind: 'good',
    meaning: 'Names the session backend. Written at trace for files and Redis: its absence at info proves nothing.',
    level: 'trace',
    samples: [
      '{"dir":"/tmp","event":"using filesystem session backend","level":"trace","logger":"authentik.outpost.proxyv2.application","timestamp":"2023-09-15T10:00:00Z"}',
    ],
    source: 'goauthentik/authentik#6883, internal/outpost/proxyv2/application/session.go',
  },
  {
    id: 'AG16',
    component,
    pattern: /^outpost mode$/i,
    where: 'message',
    kind: 'good',
    meaning: 'Its field "embedded" decides where sessions are kept.',
    samples: [
      '{"embedded":true,"event":"Outpost mode","level":"info","logger":"authentik.outpost.ak-api-controller","timestamp":"2026-05-10T10:00:00Z"}',
    ],
    source: 'goauthentik/authentik internal/outpost/ak, src/outpost/mod.rs',
  },
  {
    id: 'AG17',
    component,
    pattern: /^failed to decode session$/i,
    where: 'message',
    kind: 'noise',
    meaning: 'Ordinary for a first visit, although its level is warning.',
    level: 'warning',
    samples: [
      '{"error":null,"event":"failed to decode session","level":"warning","logger":"authentik.outpost.proxyv2.application","timestamp":"2022-01-17T10:00:00Z"}',
    ],
    source: 'goauthentik/authentik#2141',
  },
  {
    id: 'AG18',
    component,
    pattern: /^failed to get certificate for ServerName$/i,
    where: 'message',
    kind: 'noise',
    meaning: 'No certificate of its own for that name; the default one is used.',
    level: 'debug',
    samples: [
      '{"error":"no cert for server","event":"failed to get certificate for ServerName","level":"debug","logger":"authentik.router","timestamp":"2025-09-13T10:00:00Z"}',
    ],
    source: 'goauthentik/authentik#16757',
  },
  {
    id: 'AG19',
    component,
    pattern: /"status":\s*50\d\b/,
    anchors: ['"status":50', '"status": 50'],
    where: 'line',
    fields: { logger: /proxyv2\.application/ },
    kind: 'cause',
    cause: 'authentik.upstream-502',
    meaning: 'The application behind the outpost (proxy mode) answered 5xx or did not answer; written at level info.',
    next: 'look at the pods of the application whose host is in the line',
    level: 'info',
    samples: [
      '{"event":"/","host":"app.example.org","level":"info","logger":"authentik.outpost.proxyv2.application","method":"GET","remote":"192.0.2.7","runtime":"3.144","scheme":"http","size":0,"status":502,"timestamp":"2023-02-20T10:00:00Z","user":"akadmin","user_agent":"curl"}',
    ],
    source: 'goauthentik/authentik#4731',
  },
];
