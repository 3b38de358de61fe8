import { resolve } from 'node:path';
import type { Interfaces } from '@oclif/core';
import { conclude } from '../diagnosis/conclude.ts';
import type { SubjectOptions } from '../diagnosis/probe.ts';
import { readRecording } from '../diagnosis/recording/read.ts';
import { rolesOf } from '../diagnosis/role.ts';
import type { Runbook } from '../diagnosis/runbook.ts';
import { selectProbes, skippedProbes } from '../diagnosis/select.ts';
import { unaskedRun } from '../diagnosis/unasked.ts';
import type { DiagnosisDocument } from '../documents/diagnosis.ts';
import type { PayloadOf } from '../documents/envelope.ts';
import { InfraError } from '../errors.ts';
import { probeListText } from '../render/probe-list.ts';
import { roleYaml } from '../render/role.ts';
import type { Style } from '../render/style.ts';
import { InfraCommand } from './command.ts';
import { type DiagnoseFlags, diagnoseFlags, lookOf } from './diagnose-flags.ts';
import { diagnoseLive } from './diagnose-live.ts';
import { payloadOf } from './diagnose-payload.ts';
import { type Asked, type DiagnoseParts, endedOf, type Said } from './diagnose-said.ts';
import type { Outcome } from './report.ts';

type Ended = Outcome<PayloadOf<DiagnosisDocument>>;

/**
 * The base of every `infra diagnose SUBJECT`: a subclass names its document and its runbook, and turns its own flags
 * into options. Reads only; writes into `--record`, `--output` and the state folder.
 */
export abstract class DiagnoseCommand extends InfraCommand<DiagnosisDocument> {
  static override baseFlags: Interfaces.FlagInput = diagnoseFlags;

  /** The runbook, loaded only now. */
  protected abstract runbook(): Promise<Runbook>;

  /** The subject's own flags as options; they are recorded with the evidence. */
  protected subjectOptions(_flags: Readonly<Record<string, unknown>>): SubjectOptions {
    return {};
  }

  protected override async execute(): Promise<Ended> {
    const parsed = await this.parse(this.ctor as unknown as typeof DiagnoseCommand);
    const flags = parsed.flags as unknown as DiagnoseFlags;
    const given = Object.keys(flags).filter((name) => parsed.metadata.flags[name]?.setFromDefault !== true);
    const look = lookOf(flags, given);
    const own = given.find((name) => !Object.hasOwn(diagnoseFlags, name));
    if (flags.replay !== undefined && own !== undefined)
      throw new InfraError('usage.flags-exclude', 'usage', `--replay and --${own} exclude each other.`, {
        hints: ['A replay judges what was asked when it was recorded.'],
      });
    const runbook = await this.runbook();
    const asked: Asked = { ...{ runbook, flags, given, look }, selected: selectProbes(runbook, flags) };
    if (look === 'list') return this.#aside(asked, (style) => probeListText(style, runbook));
    if (look === 'print-role') {
      const roles = rolesOf(runbook, await this.context().site('read'), {
        selected: asked.selected,
        skipped: skippedProbes(runbook, flags),
        noExec: flags['no-exec'],
      });
      return this.#aside(asked, () => roleYaml(runbook.subject, roles));
    }
    const said =
      flags.replay === undefined
        ? await this.#live(asked, this.subjectOptions(parsed.flags))
        : await this.#replay(asked);
    return await endedOf(this.#parts(), this.document, asked, said);
  }

  readonly #startedAt = this.host.now();
  readonly #startedMs = this.host.monotonic();
  readonly #defects = new Set<string>();

  #parts(): DiagnoseParts {
    return {
      ...{ startedAt: this.#startedAt, startedMs: this.#startedMs },
      host: this.host,
      output: this.output,
      context: this.context(),
      onDefect: (id, thrown) => {
        // A judge is asked again for the whole: one defect is told once.
        if (this.#defects.has(id)) return;
        this.#defects.add(id);
        const details = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        const file = this.host.saveCrash(this.host.redactor.redact(`probe ${id}\n${details}`));
        this.output.note(`warning: a defect of infra in ${id}${file === undefined ? '' : `; details: ${file}`}`);
      },
    };
  }

  #live(asked: Asked, options: SubjectOptions): Promise<Said> {
    return diagnoseLive(this.#parts(), asked, options);
  }

  async #replay({ runbook, flags, selected }: Asked): Promise<Said> {
    const { files } = await this.context().clients('files');
    const recorded = await readRecording(files, resolve(this.host.cwd, flags.replay ?? ''), runbook);
    const left = recorded.selected.filter((id) => selected.includes(id));
    return {
      diagnosis: conclude(runbook, { ...recorded, selected: left }, this.#parts().onDefect),
      isStreamed: false,
    };
  }

  /** An answer about the runbook itself; it has no document, and `--json` with it is a usage error. */
  #aside({ runbook, selected }: Asked, text: (style: Style) => string): Ended {
    const nothing = new InfraError('diagnosis.not-asked', 'ok', 'nothing was asked');
    const diagnosis = conclude(runbook, unaskedRun(runbook, selected, {}, this.host.now(), nothing));
    return { status: 'ok', payload: payloadOf(diagnosis, undefined), text };
  }
}
