import { InfraError } from '../../errors.ts';
import type { Prompt } from './client.ts';

/** A stream that may be a terminal. */
type Terminal<T> = T & { readonly isTTY?: boolean };

/** Where questions are asked and answered: the process's stdin and stderr. `signal` withdraws an open question. */
export type PromptOptions = {
  readonly input: Terminal<NodeJS.ReadableStream>;
  readonly output: Terminal<NodeJS.WritableStream>;
  readonly signal?: AbortSignal;
};

/** A question in inquirer's terms; the answer comes back under `answer`. */
type Question =
  | { readonly type: 'confirm'; readonly message: string; readonly default: false }
  | { readonly type: 'input'; readonly message: string; readonly validate: (answer: string) => true | string }
  | { readonly type: 'select'; readonly message: string; readonly choices: { value: string; name: string }[] };

/** Questions over inquirer, on stderr so that stdout carries the answer of the command alone. */
export function makePrompt(options: PromptOptions): Prompt {
  const available = options.input.isTTY === true && options.output.isTTY === true;
  const ask = async (question: Question): Promise<unknown> => {
    // inquirer asks all the same where nobody can answer, and then waits for ever.
    if (!available) throw notAsked(question.message);
    return askOnce(question, options);
  };
  return {
    available,
    confirm: async (message) => (await ask({ type: 'confirm', message, default: false })) === true,
    input: async (message, validate) =>
      String(await ask({ type: 'input', message, validate: (text) => validate?.(text) ?? true })),
    select: async (message, choices) => String(await ask({ type: 'select', message, choices: [...choices] })),
  };
}

async function askOnce(question: Question, options: PromptOptions): Promise<unknown> {
  const { createPromptModule } = await import('./inquirer.ts');
  const ended = new AbortController();
  // At the end of the input (Ctrl-D too) readline closes and pauses its input, and inquirer's promise never settles.
  const onEnd = (): NodeJS.Immediate => setImmediate(() => ended.abort());
  const events = ['pause', 'end', 'close'] as const;
  for (const event of events) options.input.once(event, onEnd);
  const signals = options.signal === undefined ? [ended.signal] : [ended.signal, options.signal];
  try {
    const streams = { input: options.input, output: options.output, signal: AbortSignal.any(signals) };
    const answers: Record<string, unknown> = await createPromptModule(streams)([{ ...question, name: 'answer' }]);
    return answers.answer;
  } catch (error) {
    throw isInterruption(error) ? interrupted(question.message) : error;
  } finally {
    for (const event of events) options.input.removeListener(event, onEnd);
  }
}

/** inquirer's errors for Ctrl-C and for a withdrawn question, by name: the classes belong to a package below it. */
function isInterruption(error: unknown): boolean {
  return error instanceof Error && ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'].includes(error.name);
}

function interrupted(question: string): InfraError {
  return new InfraError('prompt.interrupted', 'sigint', `"${question}" was not answered.`);
}

function notAsked(question: string): InfraError {
  return new InfraError('prompt.unavailable', 'refused', `"${question}" cannot be asked: there is no terminal.`, {
    hints: ['Answer with a flag; --yes answers the main question.'],
  });
}
