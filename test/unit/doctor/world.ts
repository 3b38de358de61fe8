import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clients } from '../../../src/lib/clients/clients.ts';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { makeProcesses } from '../../../src/lib/clients/process/live.ts';
import type { SiteState, World } from '../../../src/lib/doctor/check.ts';
import { makeProgramReader } from '../../../src/lib/doctor/programs.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { makeRedactor } from '../../../src/lib/secrets/redaction.ts';
import { loadSite } from '../../../src/lib/site/load.ts';

/** What a test sets: files of the repository, programs on PATH by the text that they print, clients, environment. */
export type Setting = {
  readonly files?: Readonly<Record<string, string>>;
  readonly programs?: Readonly<Record<string, string>>;
  readonly clients?: Partial<Clients>;
  readonly env?: Readonly<Record<string, string>>;
  readonly repository?: 'present' | 'absent' | 'invalid';
  readonly trusted?: boolean;
};

/** A world on a real folder and real programs; a client that a test does not set is a failure when it is asked. */
export async function makeWorld(setting: Setting = {}): Promise<World & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'infra-doctor-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const write = async (path: string, text: string, mode = 0o644): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    await chmod(join(root, path), mode);
  };
  const repository = {
    'repo/terragrunt.hcl': '',
    'repo/stacks/vault/terragrunt.hcl': '',
    'repo/stacks/vault/main.tf': 'resource "a" "b" {}\n',
  };
  for (const [path, text] of Object.entries(repository)) await write(path, text);
  for (const [path, text] of Object.entries(setting.files ?? {})) await write(`repo/${path}`, text);
  await mkdir(join(root, 'bin'), { recursive: true });
  for (const [name, text] of Object.entries(setting.programs ?? {}))
    await write(`bin/${name}`, `#!/bin/sh\nprintf '%s\\n' '${text}'\n`, 0o755);
  const env = { PATH: join(root, 'bin'), HOME: root, ...setting.env };
  const files = makeFiles();
  // PATH holds only what the test put there; the scripts need nothing but the shell itself.
  const processes = makeProcesses({
    env: env,
    cwd: root,
    redactor: makeRedactor(),
  });
  const known: Partial<Clients> = { files, processes, ...setting.clients };
  const client: World['client'] = async (name) => {
    const found = known[name];
    if (found === undefined) throw new Error(`the check asked for ${name}`);
    return found;
  };
  return {
    root: join(root, 'repo'),
    siteState: await siteState(setting.repository ?? 'present', files, env, join(root, 'repo')),
    env,
    stateFolder: join(root, 'state'),
    client,
    program: makeProgramReader(() => client('processes')),
    trusts: async () => setting.trusted ?? true,
  };
}

async function siteState(
  state: SiteState['state'],
  files: Clients['files'],
  env: World['env'],
  cwd: string,
): Promise<SiteState> {
  if (state === 'present') return { state, site: (await loadSite({ files, env, cwd, mode: 'read' })).site };
  return { state, error: new InfraError('config.no-repository', 'config', 'There is none.', { hints: ['Name it.'] }) };
}
