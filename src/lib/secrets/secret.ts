import { inspect } from 'node:util';

const PLACEHOLDER = '[secret]';

/**
 * A value that must never be printed. Every way of turning it into text gives a placeholder;
 * only `reveal()` gives the value, and only clients call it (enforced by test/structure.test.ts).
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for handing to the outside world. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}
