/** The providers as a filesystem mirror, and the CLI configuration that makes tofu look there and nowhere else. */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './run.ts';
import { type RealTool, realTool } from './tools.ts';

export interface Mirror {
  dir: string;
  /** Value for TF_CLI_CONFIG_FILE. */
  cliConfig: string;
}

/** Cloudflare's is played: `scripts/real/modules/provider-cloudflare` says why. */
const providers: { owner: string; name: string; version: string; tool: RealTool }[] = [
  { owner: 'hashicorp', name: 'vault', version: '1.9.0', tool: 'providerVault' },
  { owner: 'hashicorp', name: 'kubernetes', version: '1.13.4', tool: 'providerKubernetes' },
  { owner: 'hashicorp', name: 'helm', version: '1.3.2', tool: 'providerHelm' },
  { owner: 'cloudflare', name: 'cloudflare', version: '0.0.1', tool: 'providerCloudflare' },
];

/** `dir` must exist; the mirror and its configuration are written into it. */
export async function makeMirror(dir: string): Promise<Mirror> {
  const mirror = join(dir, 'mirror');
  const host = await defaultHost(dir);
  const platform = `linux_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  for (const { owner, name, version, tool } of providers) {
    const folder = join(mirror, host, owner, name, version, platform);
    await mkdir(folder, { recursive: true });
    const file = join(folder, `terraform-provider-${name}_v${version}`);
    await link(realTool(tool), file).catch(() => copyFile(realTool(tool), file, constants.COPYFILE_FICLONE));
  }
  const cliConfig = join(dir, 'tofu.rc');
  await writeFile(
    cliConfig,
    `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\ndisable_checkpoint = true\n`,
  );
  return { dir: mirror, cliConfig };
}

/** The host that a source without one stands for is the tool's own; it says so itself. */
async function defaultHost(dir: string): Promise<string> {
  const asking = await mkdtemp(join(dir, 'asking-'));
  await writeFile(
    join(asking, 'main.tf'),
    'terraform {\n  required_providers {\n    vault = { source = "hashicorp/vault" }\n  }\n}\n',
  );
  const said = await must(realTool('tofu'), ['providers'], { cwd: asking, env: { HOME: dir, PATH: '/usr/bin:/bin' } });
  await rm(asking, { recursive: true });
  const host = /provider\[([^/\]]+)\/hashicorp\/vault/.exec(said)?.[1];
  if (host === undefined) throw new Error(`tofu providers names no host:\n${said}`);
  return host;
}
