import type { PayloadOf } from '../documents/envelope.ts';
import type { stackDrift } from '../documents/stack-drift.ts';
import { InfraError, isInfraError } from '../errors.ts';
import { driftText } from '../render/stack-drift.ts';
import { driftMarkdown } from '../render/stack-drift-markdown.ts';
import { driftMetrics } from '../render/stack-drift-prometheus.ts';
import type { Style } from '../render/style.ts';
import type { Site } from '../site/site.ts';
import { findDrift } from '../stacks/drift/find-drift.ts';
import type { DriftResult } from '../stacks/drift/result.ts';
import type { Outcome } from './report.ts';
import { orError, pushMetrics, pushTarget, seenBefore, writeReport } from './stack-drift-output.ts';
import { changePayload, tally } from './stack-plan-payload.ts';
import { type ManyRunner, manyContext } from './stack-plan-run.ts';
import type { StackSelection } from './stack-selection.ts';

/** What `stack drift` was asked for. */
export type DriftOptions = {
  readonly chosen: StackSelection;
  readonly parallelism: number | undefined;
  readonly exitCode: boolean;
  readonly format: 'text' | 'json' | 'md' | 'prometheus' | undefined;
  readonly json: boolean;
  readonly output: string | undefined;
  readonly pushGateway: string | undefined;
};

/** Refuses what contradicts itself. Errors: `usage.two-formats`, `usage.push-partial`, `usage.output-json`, `usage.bad-url` (64). */
export function checkOptions({ chosen, format, json, output, pushGateway }: DriftOptions): void {
  const isJson = json || format === 'json';
  if (json && format !== undefined && format !== 'json') {
    throw new InfraError(
      'usage.two-formats',
      'usage',
      `--json is --format json; it does not go with --format ${format}.`,
    );
  }
  if (isJson && output !== undefined) {
    throw new InfraError(
      'usage.output-json',
      'usage',
      'The document is printed, not written: --output needs another --format.',
      {
        hints: ['infra stack drift … --json > FILE', '… --format prometheus --output FILE'],
      },
    );
  }
  if (pushGateway === undefined) return;
  pushTarget(pushGateway);
  if (chosen.how === 'all') return;
  throw new InfraError('usage.push-partial', 'usage', 'A push replaces the metrics of all stacks: it needs --all.', {
    hints: ['infra stack drift --all --push-gateway URL'],
  });
}

/** Runs `stack drift`, writes and pushes what was asked for, and turns the result into the outcome of a command. */
export async function runDrift(
  runner: ManyRunner,
  site: Site,
  options: DriftOptions,
): Promise<Outcome<PayloadOf<typeof stackDrift>>> {
  const { host, output, context } = runner;
  const gateway = options.pushGateway === undefined ? undefined : pushTarget(options.pushGateway);
  const { http, files } = await context.clients('http', 'files');
  const before = gateway === undefined ? new Map<string, string>() : await orError(() => seenBefore(http, gateway));
  if (isInfraError(before)) output.note(`warning: ${before.message}`);
  const { many, progress } = await manyContext(runner, site);
  const request = {
    stacks: options.chosen.stacks,
    parallelism: options.parallelism,
    exitCode: options.exitCode,
    seenBefore: isInfraError(before) ? new Map<string, string>() : before,
  };
  // Held: plan files and readable states are removed before the process ends, also after a signal.
  const result = await host.interruption.hold(() => findDrift(many, request)).finally(() => progress.settle());
  const isWhole = !host.interruption.signal.aborted;
  const wanted = options.output;
  const written =
    wanted === undefined || !isWhole
      ? undefined
      : await orError(() => writeReport(files, host.cwd, wanted, formatted(result, options.format)));
  const pushed =
    gateway === undefined || !isWhole
      ? undefined
      : await orError(() => pushMetrics(http, gateway, driftMetrics(result)));
  const error = result.error ?? [written, pushed].find((one) => isInfraError(one));
  const payload = {
    ...payloadOf(result),
    ...(typeof written === 'string' ? { output: written } : {}),
    ...(typeof pushed === 'string' ? { pushed } : {}),
  };
  const text = (style: Style): string =>
    wanted === undefined && options.format !== undefined && options.format !== 'text'
      ? formatted(result, options.format, style).trimEnd()
      : [driftText(style, result), ...told('written', written), ...told('pushed', pushed)].join('\n');
  return isInfraError(error) ? { payload, text, error } : { status: result.status, payload, text };
}

const told = (word: string, what: string | InfraError | undefined): readonly string[] =>
  typeof what === 'string' ? [`${word}: ${what}`] : [];

function formatted(result: DriftResult, format: DriftOptions['format'], style?: Style): string {
  if (format === 'prometheus') return driftMetrics(result);
  return format === 'md' || style === undefined ? driftMarkdown(result) : driftText(style, result);
}

function payloadOf(result: DriftResult): PayloadOf<typeof stackDrift> {
  const { reports, groups, findings, secondLookAt } = result;
  return {
    lookedAt: result.lookedAt,
    ...(secondLookAt === undefined ? {} : { secondLookAt }),
    parallelism: result.parallelism,
    counts: tally(reports.map(({ state }) => state)),
    stacks: reports.map(({ stack, tier, state, changes, ignored, firstSeen, error, durationMs }) => ({
      stack,
      tier,
      state,
      changes: changes.map(changePayload),
      ignored: ignored.map(({ change, reason, expires }) => ({ ...changePayload(change), reason, expires })),
      ...(firstSeen === undefined ? {} : { firstSeen }),
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      durationMs: Math.round(durationMs),
    })),
    groups: groups.map(({ explanation, ...group }) => ({
      ...group,
      attributes: [...group.attributes],
      stacks: [...group.stacks],
      addresses: [...group.addresses],
      ...(explanation === undefined ? {} : { explanation }),
    })),
    findings: [...findings],
  };
}
