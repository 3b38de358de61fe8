/** The built CLI as an admin of a site would run it, with a state folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documentOf, type PrintedDocument } from '../../document.ts';
import type { Site } from './site.ts';
import { until } from './until.ts';

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

export interface Answered {
  /** Exit status; 128 + 9 for a SIGKILL. */
  status: number;
  stdout: string;
  stderr: string;
}

/** One line of a journal. */
export interface Line {
  event: string;
  step?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into foreign documents
  data?: any;
}

export interface Running {
  /** The infra process alone, not what it started. */
  process: ChildProcess;
  ended: Promise<Answered>;
}

export interface Infra {
  /** bin/run.js */
  program: string;
  env: Record<string, string>;
  /** With --json: the document, checked against its published schema. The exit status has to be the document's. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into foreign documents
  json(...args: string[]): Promise<PrintedDocument & Record<string, any>>;
  run(...args: string[]): Promise<Answered>;
  start(...args: string[]): Running;
  /** The journals, oldest first; lines that are still being written are left out. */
  journals(): Promise<Line[][]>;
  /** Waits for a line of the newest journal. */
  line(what: string, wanted: (line: Line) => boolean): Promise<Line>;
}

/** `env` changes the site's environment; a state folder that two share is one machine's. */
export async function makeInfra(site: Pick<Site, 'dir' | 'env'>, env: Record<string, string> = {}): Promise<Infra> {
  const state = await mkdtemp(join(site.env.TMPDIR ?? '', 'state-'));
  const whole = { ...site.env, INFRA_REPO: site.dir, XDG_STATE_HOME: state, NO_COLOR: '1', ...env };
  const start = (...args: string[]): Running => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: '/',
      env: whole,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const ended = new Promise<Answered>((resolve, reject) => {
      child.once('error', reject);
      // Its children may outlive it and hold its pipes: its own end is what counts.
      child.once('exit', (code, signal) => {
        const status = code ?? (signal === 'SIGKILL' ? 137 : 128);
        const done = () =>
          resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
        if (signal === null) child.once('close', done);
        else done();
      });
    });
    return { process: child, ended };
  };
  const infra: Infra = {
    program,
    env: whole,
    start,
    run: (...args) => start(...args).ended,
    json: async (...args) => {
      const { status, stdout, stderr } = await infra.run(...args, '--json');
      if (stdout === '') throw new Error(`infra ${args.join(' ')} ended with ${status} and no document:\n${stderr}`);
      const document = documentOf(stdout);
      if (document.exitStatus !== status) throw new Error(`exit status ${status}, document ${document.exitStatus}`);
      return document;
    },
    journals: async () => {
      const folder = join(whole.XDG_STATE_HOME ?? '', 'infra/runs');
      const names = await readdir(folder).catch(() => []);
      const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
      const complete = texts
        .map((text) => text.slice(0, text.lastIndexOf('\n')).split('\n'))
        .filter(([first]) => first !== '');
      const all = complete.map((lines) => lines.map((line) => JSON.parse(line) as Line & { at: string }));
      return all.sort((a, b) => (a[0]?.at ?? '').localeCompare(b[0]?.at ?? ''));
    },
    line: (what, wanted) => until(what, async () => (await infra.journals()).at(-1)?.find(wanted), 120),
  };
  return infra;
}
