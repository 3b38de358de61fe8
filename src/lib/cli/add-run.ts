import { randomBytes } from 'node:crypto';
import type { PayloadOf } from '../documents/envelope.ts';
import type { userAdd } from '../documents/user-add.ts';
import { resultText } from '../render/user-add.ts';
import { addUser } from '../users/add/add.ts';
import type { AddRequest } from '../users/add/request.ts';
import type { AddResult } from '../users/add/result.ts';
import { makeAddProgress } from './add-progress.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { Outcome } from './report.ts';

/** What a command hands over to run `user add`. */
export type AddRunner = { readonly host: Host; readonly output: Output; readonly context: Context };

/** Runs `user add` and turns its result into the outcome of a command. */
export async function runAdd(runner: AddRunner, request: AddRequest): Promise<Outcome<PayloadOf<typeof userAdd>>> {
  const { host, output, context } = runner;
  const site = await context.site('write');
  const clients = await context.clients(
    'clock',
    'files',
    'git',
    'http',
    'kubernetes',
    'postgres',
    'processes',
    'prompt',
    'terragrunt',
    'tokens',
    'vault',
  );
  const elsewhere = await context.elsewhere();
  const live = output.side.interactive ? (host.stderr as unknown as NodeJS.WritableStream) : undefined;
  const progress = makeAddProgress(output, live);
  const result = await host.interruption.hold(() =>
    addUser(
      {
        clients,
        site,
        stateFolder: context.stateFolder,
        runId: randomBytes(4).toString('hex'),
        version: host.version,
        env: host.env,
        interrupt: host.interruption.signal,
        onEvent: progress.onEvent,
        elsewhere,
        redact: host.redactor.redact,
      },
      request,
    ),
  );
  await progress.settle();
  if (result.known.length > 0 && !request.dryRun) await context.rememberUsers(result.known);
  return outcomeOf(result);
}

function outcomeOf(result: AddResult): Outcome<PayloadOf<typeof userAdd>> {
  const { overview } = result;
  const payload: PayloadOf<typeof userAdd> = {
    user: result.user.name,
    entry: {
      ...result.user.entry,
      namespaces: [...result.user.entry.namespaces],
      domains: [...result.user.entry.domains],
      quota: { ...result.user.entry.quota },
    },
    result: result.verdict,
    ...(result.run === undefined ? {} : { run: result.run }),
    ...(result.shape === undefined ? {} : { shape: result.shape }),
    preflight: [...result.preflight],
    order: [...(overview?.order ?? [])],
    leftOut: [...(overview?.leftOut ?? [])],
    ...(overview === undefined
      ? {}
      : {
          edit: {
            path: overview.path,
            key: overview.key,
            diff: [...overview.diff],
            usersBefore: overview.usersBefore,
            ...(result.version === undefined ? {} : { version: result.version }),
          },
        }),
    standingDrift: [...(overview?.standingDrift ?? [])],
    steps: result.steps.map((step) => ({
      ...step,
      durationMs: Math.round(step.durationMs),
      actions: step.actions.map((action) => ({
        ...action,
        ...(action.diff === undefined ? {} : { diff: [...action.diff] }),
      })),
    })) as PayloadOf<typeof userAdd>['steps'],
    findings: [...result.findings],
    byHand: [...result.byHand],
    commandsLeft: [...result.commandsLeft],
  };
  const text = (style: Parameters<typeof resultText>[0]): string => resultText(style, result);
  return result.error === undefined ? { status: result.status, payload, text } : { payload, text, error: result.error };
}
