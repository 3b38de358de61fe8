import type { Json } from '../../../diagnosis/json.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import type { Hop, Row } from '../../../mail/hops.ts';
import type { Site } from '../../../site/site.ts';
import { considered, dialHop, probesOf, rowsFrom } from '../evidence/hop.ts';
import { judgeHops, type Look, type Sight } from '../judge/judge-hop.ts';
import { SETTINGS_ID, TURN_ID } from '../names.ts';

/** What is particular to a hop that is asked by connecting to it. */
export type DialledHop = Pick<Probe, 'id' | 'title' | 'layer' | 'question' | 'why' | 'healthy' | 'failures'> & {
  readonly hop: Hop;
  /** What its observations begin with. */
  readonly prefix: string;
  /** Hops whose evidence its judgement needs: those inside it, and those that say where we stand. */
  readonly beside: readonly Hop[];
  readonly byHand: (site: Site) => string;
  readonly cost: string;
  /** The cause that a row proves which is neither a certificate nor AUTH before TLS. */
  readonly causeOf: (row: Row, inner: Parameters<Look>[1]) => string | undefined;
};

/** The longest conversation is 30 s (mail/probe/report.ts); four ports are asked at once. */
const TIMEOUT_MS = 40_000;

/** A probe that connects to every port of one hop. */
export function dialledProbe(own: DialledHop): Probe<Json> {
  const { hop, prefix, beside, causeOf, ...prose } = own;
  const look: Look = (row, inner) => {
    const observation = `${prefix}.${kindOf(row)}`;
    const cause = row.phase === 'certificate' || row.reason === 'auth-before-tls' ? undefined : causeOf(row, inner);
    return { observation, ...(cause === undefined ? {} : { cause }) } satisfies Sight;
  };
  return {
    ...prose,
    dependsOn: [SETTINGS_ID, TURN_ID],
    considers: probesOf(beside),
    kind: 'request',
    timeoutMs: TIMEOUT_MS,
    collect: (ask) => dialHop(ask, hop),
    judge: (evidence, given) =>
      judgeHops(
        rowsFrom({ ...considered(given, beside), [hop]: { state: 'answered', value: evidence } }, given),
        [hop],
        look,
      ),
  };
}

/** Nobody took the connection; somebody did and does not serve; it serves and shows a wrong certificate, or offers AUTH. */
function kindOf({ phase, reason }: Row): string {
  if (phase === 'connect') return 'unreachable';
  if (phase === 'certificate') return 'certificate';
  return reason === 'auth-before-tls' ? 'auth-before-tls' : 'no-answer';
}

/** The rows of a table of failures that every hop has. */
export function dialFailures(prefix: string, where: string): Probe['failures'] {
  return [
    { code: `${prefix}.unreachable`, meaning: `Nobody takes connections ${where}.` },
    {
      code: `${prefix}.no-answer`,
      meaning: `Somebody takes connections ${where}, and no mail server answers as it should.`,
    },
    { code: `${prefix}.certificate`, meaning: `The certificate ${where} is not valid.` },
    { code: `${prefix}.auth-before-tls`, meaning: `Submission offers AUTH before TLS ${where}.` },
  ];
}
