import type { Processes } from '../clients/process/client.ts';
import type { Program } from './check.ts';

/** Programs that are asked in another way than `--version`. sops would otherwise look for a newer release on the network. */
const ENVIRONMENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sops: { SOPS_DISABLE_VERSION_CHECK: 'true' },
  tofu: { CHECKPOINT_DISABLE: '1' },
  terraform: { CHECKPOINT_DISABLE: '1' },
};

/** Asks programs for their versions, each once. */
export function makeProgramReader(processes: () => Promise<Processes>): (name: string) => Promise<Program | undefined> {
  const asked = new Map<string, Promise<Program | undefined>>();
  return (name) => {
    const known = asked.get(name) ?? read(name, processes);
    asked.set(name, known);
    return known;
  };
}

async function read(name: string, processes: () => Promise<Processes>): Promise<Program | undefined> {
  const client = await processes();
  const path = await client.which(name);
  if (path === undefined) return undefined;
  const command = { program: name, args: ['--version'], env: ENVIRONMENT[name] ?? {} };
  const { stdout, stderr, exitCode } = await client.run(command, { timeoutMs: 10_000 });
  const text = `${stdout}\n${stderr}`;
  const version = exitCode === 0 ? /\bv?(\d+\.\d+(?:\.\d+)?(?:-[\w.]+)?)/.exec(text)?.[1] : undefined;
  return { path, version, text: text.trim().split('\n')[0] ?? '' };
}

/** Whether a version such as `1.0.0-rc1` is at least `major.minor`; undefined when it is no version. */
export function atLeast(version: string | undefined, major: number, minor = 0): boolean | undefined {
  const parts = /^(\d+)\.(\d+)/.exec(version ?? '');
  if (parts === null) return undefined;
  const [own, ownMinor] = [Number(parts[1]), Number(parts[2])];
  return own > major || (own === major && ownMinor >= minor);
}
