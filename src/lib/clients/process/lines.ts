import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into whole lines. `end` gives what follows the last line end, if anything. */
export type LineSplitter = { push(chunk: Uint8Array): string[]; end(): string[] };

const TRUNCATED = ' […line cut]';

/**
 * A splitter for UTF-8 text with `\n` or `\r\n` line ends. A line longer than `maxLength` characters is cut there and
 * marked, so that one endless line cannot fill the memory.
 */
export function makeLineSplitter(maxLength = Number.POSITIVE_INFINITY): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  let cut = false;

  const keep = (text: string): void => {
    const room = maxLength - length;
    if (text.length > room) cut = true;
    const kept = text.length > room ? text.slice(0, room) : text;
    if (kept === '') return;
    parts.push(kept);
    length += kept.length;
  };
  const finish = (): string => {
    const line = parts.join('');
    const whole = cut ? line + TRUNCATED : line.endsWith('\r') ? line.slice(0, -1) : line;
    parts = [];
    length = 0;
    cut = false;
    return whole;
  };
  const feed = (text: string): string[] => {
    const lines: string[] = [];
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      keep(text.slice(from, at));
      lines.push(finish());
      from = at + 1;
    }
    keep(text.slice(from));
    return lines;
  };

  return {
    push: (chunk) => feed(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end() {
      const lines = feed(decoder.end());
      if (length > 0 || cut) lines.push(finish());
      return lines;
    },
  };
}
