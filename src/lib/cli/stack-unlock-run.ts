import { randomBytes } from 'node:crypto';
import type { PayloadOf } from '../documents/envelope.ts';
import type { stackUnlock } from '../documents/stack-unlock.ts';
import { InfraError } from '../errors.ts';
import { locksText, unlockText } from '../render/stack-unlock.ts';
import type { Holder } from '../stacks/locks/holder.ts';
import { type UnlockRequest, unlockStack } from '../stacks/locks/unlock.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { Outcome } from './report.ts';
import { selectStacks } from './stack-selection.ts';

/** What a command hands over. */
export type UnlockRunner = { readonly host: Host; readonly output: Output; readonly context: Context };

/** Runs `stack unlock`. Errors of choosing the stack are thrown, all others are part of the outcome. */
export async function runUnlock(
  { host, output, context }: UnlockRunner,
  word: string | undefined,
  request: UnlockRequest,
): Promise<Outcome<PayloadOf<typeof stackUnlock>>> {
  const site = await context.site(request.dryRun ? 'read' : 'write');
  const clients = await context.clients(
    'clock',
    'files',
    'git',
    'machine',
    'postgres',
    'processes',
    'prompt',
    'terragrunt',
    'vault',
  );
  const names = word === undefined ? [] : [word];
  const { stacks } = await selectStacks({ clients, site, cwd: host.cwd, env: host.env }, { names });
  const [stack, second] = stacks;
  if (stack === undefined || second !== undefined) throw oneStack(stacks.map(({ name }) => name));
  const isAsking = clients.prompt.available && !request.yes && !request.dryRun;
  const result = await host.interruption.hold(() =>
    unlockStack(
      {
        clients,
        site,
        stateFolder: context.stateFolder,
        runId: randomBytes(4).toString('hex'),
        env: host.env,
        version: host.version,
        redact: host.redactor.redact,
        onLook: ({ lookedAt, seen }) => {
          const holders = seen.map(({ holder }) => holder);
          if (isAsking && holders.length > 0)
            output.note(locksText(output.sideStyle, stack.name, lookedAt, holders, host.now()));
        },
      },
      stack,
      request,
    ),
  );
  const payload: PayloadOf<typeof stackUnlock> = {
    stack: result.stack,
    tier: result.tier,
    outcome: result.outcome,
    lookedAt: [...result.lookedAt],
    holders: result.holders.map(documentOf),
    released: [...result.released],
    ...(result.run === undefined ? {} : { run: result.run }),
    after: result.after.map(documentOf),
  };
  const text = (style: Parameters<typeof unlockText>[0]): string => unlockText(style, result, host.now());
  return result.error === undefined ? { status: result.status, payload, text } : { payload, text, error: result.error };
}

function documentOf(holder: Holder): PayloadOf<typeof stackUnlock>['holders'][number] {
  const { since, lastSeen, evidence, ...rest } = holder;
  return {
    ...rest,
    evidence: [...evidence],
    ...(since === undefined ? {} : { since }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
  };
}

/** A pattern may stand for several stacks; locks are released one by one. */
function oneStack(names: readonly string[]): InfraError {
  return new InfraError('usage.one-stack', 'usage', `One stack at a time, not ${names.join(', ')}.`, {
    hints: names.slice(0, 3).map((name) => `infra stack unlock ${name}`),
  });
}
