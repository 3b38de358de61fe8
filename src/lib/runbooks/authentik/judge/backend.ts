import type { EvidenceState } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import { withoutOld } from '../../judge/log-findings.ts';
import { type Outpost, outpostContainer } from '../evidence/outposts.ts';
import type { SqlAnswer } from '../evidence/psql.ts';
import type { ShmEvidence } from '../evidence/shm.ts';
import { EMBEDDED_OUTPOST } from '../names.ts';
import type { OutpostConfig } from '../probes/outpost-config.ts';
import { STORE_FULL } from './failed-writes.ts';
import { sessionsOf } from './shm-level.ts';

/** More files than stray ones: an outpost with sessions in PostgreSQL has a few dozen at most. */
const MANY_FILES = 50;

/** Everything that says something about where sessions are kept. */
export type Signals = {
  readonly config: EvidenceState<OutpostConfig>;
  readonly logs: EvidenceState<LogEvidence>;
  readonly shm: EvidenceState<ShmEvidence>;
  readonly rows: EvidenceState<SqlAnswer>;
  readonly validitySeconds: number | undefined;
  readonly at: Date;
};

/** Where an outpost keeps its sessions, where it should, and what says so. */
export type Backend = {
  readonly used: 'files' | 'database' | 'unknown';
  readonly meant: 'files' | 'database' | 'unknown';
  readonly signals: readonly string[];
};

/**
 * Decides by what an outpost was given and by what it does: no line of a log names the backend reliably (files and Redis
 * are written at trace, the Rust outpost names none). Without the database's address it can only use files.
 */
export function backendOf(outpost: Outpost, signals: Signals): Backend {
  const given = outpost.pods.map((pod) => outpostContainer(pod)?.database ?? 'no');
  const managed = managedOf(outpost, signals.config);
  const files = filesOf(outpost, signals.shm);
  const full = failedWrite(outpost, signals);
  const fresh = freshRows(signals);
  const isGiven = given.includes('yes');
  const isManaged = managed === EMBEDDED_OUTPOST;
  const cannot = !outpost.embedded && given.length > 0 && given.every((one) => one === 'no');
  const words = [
    ...(outpost.embedded
      ? ['part of the server']
      : [`database ${isGiven ? 'given' : cannot ? 'not given' : 'perhaps given'} to the container`]),
    ...(managed === undefined
      ? []
      : [isManaged ? 'managed as the embedded outpost' : 'not managed as the embedded outpost']),
    ...(files === undefined ? [] : [`${files} session files`]),
    ...(full ? ['a session file could not be written'] : []),
    ...(fresh === undefined ? [] : [fresh ? 'live rows in the database' : 'no fresh rows in the database']),
  ];
  const meant = cannot ? 'files' : isGiven || isManaged ? 'database' : managed === '' ? 'files' : 'unknown';
  return { used: usedOf({ cannot, full, files, fresh, meant, isManaged }), meant, signals: words };
}

type Known = {
  readonly cannot: boolean;
  readonly full: boolean;
  readonly files: number | undefined;
  readonly fresh: boolean | undefined;
  readonly meant: Backend['meant'];
  readonly isManaged: boolean;
};

function usedOf({ cannot, full, files, fresh, meant, isManaged }: Known): Backend['used'] {
  if (cannot || full) return 'files';
  // A pod begins with an empty folder: what is in it was written by it.
  if (files !== undefined && files > MANY_FILES) return 'files';
  if (fresh === true && meant !== 'files') return 'database';
  const forDatabase = [meant === 'database', isManaged, files !== undefined, fresh === true].filter(Boolean).length;
  return meant === 'database' && forDatabase >= 2 ? 'database' : 'unknown';
}

/** `managed` of the outpost, empty text for none, undefined when nobody could be asked. */
function managedOf(outpost: Outpost, config: EvidenceState<OutpostConfig>): string | undefined {
  if (config.state !== 'answered') return undefined;
  const found = config.value.outposts.find(({ name, managed }) =>
    outpost.embedded ? managed === EMBEDDED_OUTPOST : slug(name) === slug(outpost.name),
  );
  return found === undefined ? undefined : (found.managed ?? '');
}

/** Authentik makes the label from the name: `authentik Embedded Outpost` → `authentik-embedded-outpost`. */
function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function filesOf(outpost: Outpost, shm: EvidenceState<ShmEvidence>): number | undefined {
  if (shm.state !== 'answered') return undefined;
  const counted = shm.value.measured
    .filter(({ pod }) => outpost.pods.some(({ name }) => name === pod))
    .flatMap((fact) => sessionsOf(fact) ?? []);
  return counted.length === 0 ? undefined : counted.reduce((sum, one) => sum + one, 0);
}

function failedWrite(outpost: Outpost, { logs, at }: Signals): boolean {
  if (logs.state !== 'answered') return false;
  return withoutOld(logs.value, at).read.some(
    ({ pod, found }) =>
      outpost.pods.some(({ name }) => name === pod) && found.some(({ finding }) => finding === STORE_FULL),
  );
}

/** Rows are fresh when the newest was written in the last tenth of a validity; without a validity, when any is alive. */
function freshRows({ rows, validitySeconds, at }: Signals): boolean | undefined {
  if (rows.state !== 'answered' || rows.value.state === 'exhausted') return undefined;
  if (rows.value.state === 'no-table') return false;
  const [count = Number.NaN, expires = Number.NaN] = (rows.value.rows[0] ?? []).map(Number);
  if (!Number.isFinite(count) || !Number.isFinite(expires)) return undefined;
  const left = expires - at.getTime() / 1000;
  return count > 0 && left > (validitySeconds === undefined ? 0 : 0.9 * validitySeconds);
}
