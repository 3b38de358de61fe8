/** Questions to the person at the terminal, written to stderr. `available` is false unless stdin and stderr are TTYs. */
export type Prompt = {
  readonly available: boolean;
  /** Yes or no, default no. Errors: `prompt.interrupted` (130). */
  confirm(question: string): Promise<boolean>;
  /** One line of text; `validate` returns what is wrong, or undefined. */
  input(question: string, validate?: (answer: string) => string | undefined): Promise<string>;
  select(question: string, choices: readonly { readonly value: string; readonly name: string }[]): Promise<string>;
};
