/** What a line is to a crash report of several lines: it begins one, is one of its frames, or says what happened. */
export type CrashPart = 'frame' | 'said' | 'none';

type Writer = 'go' | 'python' | 'rust';

const OPENS: readonly (readonly [Writer, RegExp])[] = [
  ['python', /^\s*Traceback \(most recent call last\):/],
  ['go', /^(?:panic: |fatal error: |goroutine \d+ \[)/],
  ['rust', /^(?:Error:\s*$|The application panicked|thread '[^']*' (?:\(\d+\) )?panicked at)/],
];
const FRAME: Readonly<Record<Writer, RegExp>> = {
  python: /^\s|^$|^During handling of|^The above exception/,
  go: /^$|^\t|^goroutine |^created by |^\[signal |^exit status|^[\w./*()[\]{}-]+\(.*\)$|^\s+panic: /,
  rust: /^$|^\s|^Location:|^[━─]|^Backtrace|^BACKTRACE|^Run with|^note: run with/,
};
const RUST_REASON = /^\s*\d+: /;
const LONGEST = 300;
const MOST = 64;

/** Follows crash reports, one for each pod at a time, so that their frames are not taken for errors of their own. */
export type CrashFold = {
  /** Whether a report is open: its next lines must be read although nothing in them looks bad. */
  isOpen(): boolean;
  part(text: string, label: string): CrashPart;
};

/** Makes a follower of Go panics, Python tracebacks and Rust reports. */
export function makeCrashFold(): CrashFold {
  const open = new Map<string, { readonly writer: Writer; left: number }>();
  return {
    isOpen: () => open.size > 0,
    part(text, label) {
      const report = open.get(label);
      if (report !== undefined) {
        report.left -= 1;
        const isFrame = FRAME[report.writer].test(text);
        if (report.left > 0 && isFrame) return report.writer === 'rust' && RUST_REASON.test(text) ? 'said' : 'frame';
        open.delete(label);
        // The first line that is not indented tells which exception it was.
        if (report.writer === 'python') return 'said';
      }
      const writer = OPENS.find(([, pattern]) => pattern.test(text))?.[0];
      if (writer === undefined) return 'none';
      if (open.size >= MOST) open.clear();
      open.set(label, { writer, left: LONGEST });
      return text.startsWith('panic: ') || text.startsWith('fatal error: ') ? 'said' : 'frame';
    },
  };
}
