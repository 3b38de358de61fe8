import { spawn } from 'node:child_process';
import type { Sandbox } from '../../../src/sandbox/start.ts';
import { INFRA, watched } from './infra.ts';

/** A program on a terminal of its own. `screen` is everything it has shown so far. */
export type Terminal = {
  readonly screen: () => string;
  /** Presses keys. `\x03` is Ctrl-C: the terminal turns it into a signal for everything that runs in front of it. */
  readonly press: (keys: string) => void;
  /** Resolves once the screen shows a text. */
  readonly shows: (text: string) => Promise<void>;
  /** Takes the terminal away, as a lost connection does: from here on nothing can be written to it. */
  readonly close: () => void;
  /** The exit status of the program. */
  readonly ended: Promise<number | null>;
};

/**
 * Runs infra on a real pseudo-terminal, made by script(1): infra leads what runs in front of it, so that Ctrl-C reaches
 * infra as it does for a person. `redirection` is the shell's, for stdout.
 */
export function onTerminal(sandbox: Sandbox, args: readonly string[], redirection = ''): Terminal {
  const words = [process.execPath, INFRA, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols 120; exec ${words} ${redirection}`, '/dev/null'], {
    env: { ...sandbox.env, ...watched(sandbox), TERM: 'xterm', SHELL: '/bin/sh' },
    cwd: sandbox.repo,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const state = { screen: '' };
  const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    state.screen += chunk;
    for (const { resolve } of waiting.filter(({ text }) => state.screen.includes(text))) resolve();
  });
  return {
    screen: () => state.screen,
    press: (keys) => child.stdin.write(keys),
    shows: (text) =>
      new Promise((resolve) => (state.screen.includes(text) ? resolve() : waiting.push({ text, resolve }))),
    close: () => child.kill('SIGKILL'),
    ended: new Promise((resolve) => child.on('close', resolve)),
  };
}
