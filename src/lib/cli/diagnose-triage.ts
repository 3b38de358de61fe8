import { randomBytes } from 'node:crypto';
import { conclude } from '../diagnosis/conclude.ts';
import { statusOfDiagnosis } from '../diagnosis/diagnosis.ts';
import { runProbes } from '../diagnosis/engine.ts';
import { makeSeal } from '../diagnosis/redaction.ts';
import type { diagnose } from '../documents/diagnose.ts';
import type { PayloadOf } from '../documents/envelope.ts';
import { triageText } from '../render/triage.ts';
import { loadRunbook, SUBJECTS } from '../runbooks/catalogue.ts';
import { lookAt } from '../runbooks/triage/look-at.ts';
import { triageOf } from '../runbooks/triage/runbook.ts';
import type { Context } from './context.ts';
import { diagnosisClients } from './diagnose-live.ts';
import { payloadOf } from './diagnose-payload.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { Outcome } from './report.ts';

/** Asks what triage asks, and says where to look. */
export async function triage(
  host: Host,
  context: Context,
  output: Output,
): Promise<Outcome<PayloadOf<typeof diagnose>>> {
  const site = await context.site('read');
  const { clock } = await context.clients('clock');
  const { runbook, selected } = triageOf(
    (await Promise.all(SUBJECTS.map(loadRunbook))).filter((found) => found !== undefined),
  );
  const onDefect = (id: string, thrown: unknown): void => {
    const details = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    const file = host.saveCrash(host.redactor.redact(`probe ${id}\n${details}`));
    output.note(`warning: a defect of infra in ${id}${file === undefined ? '' : `; details: ${file}`}`);
  };
  const recorded = await runProbes(runbook, {
    ...{ clock, site, selected, onDefect, options: {}, noExec: true, isKept: true },
    client: diagnosisClients(context),
    ignore: site.ignore.value,
    seal: makeSeal(randomBytes(32), host.redactor),
    signal: host.interruption.signal,
  });
  const diagnosis = conclude(runbook, recorded, onDefect);
  const territories = [
    { subject: 'authentik', namespaces: [site.authentik.namespace.value, site.edge.traefik.namespace.value] },
    { subject: 'mail', namespaces: [site.mail.namespace.value] },
  ];
  const target = lookAt(diagnosis, territories);
  return {
    status: statusOfDiagnosis(diagnosis),
    payload: { ...payloadOf(diagnosis, undefined), ...(target === undefined ? {} : { lookAt: target }) },
    text: (style) => triageText(style, diagnosis, target),
  };
}
