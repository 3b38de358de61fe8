import { writeSync } from 'node:fs';

/** This process for a stand-in program. Text is written at once: nothing is lost when it ends in mid-run. */
export function thisProcess() {
  return {
    argv: process.argv.slice(2),
    cwd: process.cwd(),
    pid: process.pid,
    env: process.env,
    output: { out: (text: string) => write(1, text), err: (text: string) => write(2, text) },
    onSignal: (handler: () => void) => {
      process.on('SIGINT', handler);
      process.on('SIGTERM', handler);
    },
    exit: (status: number): never => process.exit(status),
  };
}

/** Writes everything, also into a full pipe. A reader that went away is no concern of ours. */
function write(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
    }
  }
}
