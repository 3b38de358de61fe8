import type { Program } from './program.ts';

/** `cat`: the few files below /proc and /sys that tell about memory; everything else is not there. */
export function cat(texts: Readonly<Record<string, string>>): Program {
  return (args) => {
    const paths = args.filter((word) => !word.startsWith('-'));
    const missing = paths.filter((path) => texts[path] === undefined);
    return {
      exitCode: missing.length === 0 ? 0 : 1,
      stdout: paths.map((path) => texts[path] ?? '').join(''),
      stderr: missing.map((path) => `cat: ${path}: No such file or directory\n`).join(''),
    };
  };
}
