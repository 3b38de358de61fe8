import { Args, Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import { whereOf } from '../../lib/cli/diagnose-logs-flags.ts';
import { type ReadLogs, readLogFiles } from '../../lib/cli/diagnose-logs-input.ts';
import { logsOutcome } from '../../lib/cli/diagnose-logs-outcome.ts';
import { durationFlag } from '../../lib/cli/duration.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { compileSignatures } from '../../lib/diagnosis/logs/compile.ts';
import { readPodLogs } from '../../lib/diagnosis/logs/pod-logs.ts';
import { diagnoseLogs } from '../../lib/documents/diagnose-logs.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';

/** Reads only. Exits 2 with a cause, 0 when every error-like line is known noise, else 3. */
export default class DiagnoseLogs extends InfraCommand<typeof diagnoseLogs> {
  static override summary =
    'Tell what is in a log of the platform: causes, what follows from them, noise, the unknown.';
  static override examples = [
    'kubectl -n authentik logs deploy/ak-outpost --previous | <%= config.bin %> diagnose logs',
    '<%= config.bin %> diagnose logs mail.log mail.log.1.gz',
    '<%= config.bin %> diagnose logs --namespace authentik --selector app.kubernetes.io/managed-by=goauthentik.io',
  ];
  static override strict = false;
  static override args = {
    file: Args.string({ description: 'Files, also gzip; - or nothing: stdin.', ignoreStdin: true }),
  };
  static override flags = {
    namespace: Flags.string({ char: 'n', description: 'Read pods of this namespace.', helpValue: 'NAME' }),
    pod: Flags.string({ description: 'One pod, all its containers, before its restart too.', helpValue: 'NAME' }),
    selector: Flags.string({ char: 'l', description: 'All pods with these labels.', helpValue: 'LABELS' }),
    container: Flags.string({ char: 'c', description: 'Only containers of this name.', helpValue: 'NAME' }),
    since: durationFlag('since', 'How far back the logs of pods are read. Default: 1h.'),
  };

  protected override readonly document = diagnoseLogs;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof diagnoseLogs>>> {
    const { argv, flags } = await this.parse(DiagnoseLogs);
    return logsOutcome(await this.#read(argv.map(String), flags));
  }

  async #read(files: readonly string[], flags: Parameters<typeof whereOf>[1]): Promise<ReadLogs> {
    const where = whereOf(files, flags, this.host.stdin.isTTY);
    if ('files' in where) return await readLogFiles(where.files, this.host);
    const { kubernetes } = await this.context().clients('kubernetes');
    const nowMs = this.host.now().getTime();
    const signatures = compileSignatures();
    return await readPodLogs(kubernetes, { ...where, signatures, nowMs, signal: this.signal });
  }
}
