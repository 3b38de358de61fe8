/** A terraform diagnostic of severity error, thrown where it arises and printed at the end of the run. */
export class Diagnosed extends Error {
  readonly summary: string;
  readonly detail: string;
  readonly address: string | undefined;

  constructor(summary: string, detail = '', address?: string) {
    super(detail === '' ? summary : `${summary}: ${detail}`);
    this.summary = summary;
    this.detail = detail;
    this.address = address;
  }
}
