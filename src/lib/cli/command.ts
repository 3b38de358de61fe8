import { Command, type Config, type Interfaces } from '@oclif/core';
import type { CommandDocument, PayloadOf } from '../documents/envelope.ts';
import { type Context, makeContext } from './context.ts';
import { asInfraError } from './failure.ts';
import { globalFlags } from './flags.ts';
import { type Globals, globalsOf } from './globals.ts';
import { type Host, hostOf } from './host.ts';
import { orInterrupted } from './interruption.ts';
import { makeOutput, type Output } from './output.ts';
import { type Outcome, type Run, report } from './report.ts';
import { isParseError, usageError, withoutParserWords } from './usage.ts';

/** What a command's `document` stands for; commands without `--json` have none. */
type Payload<D> = D extends CommandDocument ? PayloadOf<D> : Readonly<Record<string, never>>;

/**
 * The base of every command. A command parses, calls the domain once and returns an outcome; this class prints it, as
 * text or as one document, turns whatever is thrown into an InfraError, and sets the exit status.
 *
 * A command without `--json` sets `document = undefined` and `static baseFlags = textFlags`.
 */
export abstract class InfraCommand<D extends CommandDocument | undefined = CommandDocument> extends Command {
  static override baseFlags: Interfaces.FlagInput = globalFlags;

  // Private fields: oclif attaches the command to its parse errors, and nothing injected may travel with them.
  readonly #host: Host;
  readonly #output: Output;
  readonly #globals: Globals;
  #context: Context | undefined;

  constructor(argv: string[], config: Config) {
    super(argv, config);
    this.#host = hostOf(config);
    this.#globals = globalsOf(argv);
    this.#output = makeOutput(this.#host, this.#globals);
  }

  /** The allow-list of what `--json` prints. */
  protected abstract readonly document: D;

  /** Does the command's work. Throws InfraError; anything else that it throws is a defect. */
  protected abstract execute(): Promise<Outcome<Payload<D>>>;

  /** The process: environment, streams, time. */
  protected get host(): Host {
    return this.#host;
  }

  /** The writer, for progress and warnings; the answer is returned, not written. */
  protected get output(): Output {
    return this.#output;
  }

  /** Aborted by Ctrl-C and SIGTERM. */
  protected get signal(): AbortSignal {
    return this.#host.interruption.signal;
  }

  /** Runs work that must not be left behind when a signal comes. */
  protected hold<T>(work: () => Promise<T>): Promise<T> {
    return this.#host.interruption.hold(work);
  }

  /** The composition root: the site and live clients, each made when it is first asked for. */
  protected context(): Context {
    this.#context ??= makeContext(this.#host, {
      repo: this.#globals.repo,
      warn: this.#output.note,
      debug: this.#output.debug,
    });
    return this.#context;
  }

  /** Everything that thrown values pass on their way out: after this there are only InfraErrors. */
  async #settle(words: string): Promise<Outcome<Payload<D>>> {
    try {
      return await orInterrupted(this.execute(), this.#host.interruption);
    } catch (thrown) {
      const flags = Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags }).map((name) => `--${name}`);
      const error = isParseError(thrown) ? usageError(thrown, words, flags) : withoutParserWords(thrown);
      return { payload: {}, error: asInfraError(error, this.#host, words) };
    }
  }

  override async run(): Promise<void> {
    const words = (this.id ?? '').replaceAll(':', ' ');
    const run: Run = {
      host: this.#host,
      output: this.#output,
      json: this.#globals.json,
      words,
      document: this.document,
      startedAt: this.#host.now(),
      startedMs: this.#host.monotonic(),
    };
    this.#output.debug(`infra ${this.#host.version} ${words}, ${this.argv.length} arguments, cwd ${this.#host.cwd}`);
    report(run, await this.#settle(words));
  }

  /** Like oclif's, without loading the configuration a second time and without its own way of ending. */
  static override async run<T extends Command>(
    this: new (
      argv: string[],
      config: Config,
    ) => T,
    argv?: string[],
    options?: Interfaces.LoadOptions,
  ): Promise<ReturnType<T['run']>> {
    return new this(argv ?? [], options as Config).run();
  }
}
