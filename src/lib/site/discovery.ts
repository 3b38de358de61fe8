import { join } from 'node:path';
import { type Reading, readText } from './reading.ts';
import type { Setting } from './site.ts';

/** What the repository itself says, each with the line that says it. */
export type Discovered = {
  readonly tier0: Setting<readonly string[]> | undefined;
  readonly guards: Setting<readonly string[]> | undefined;
  readonly vaultAddress: Setting<string> | undefined;
  readonly pgCredentials: Setting<string> | undefined;
  readonly pgAddress: Setting<string> | undefined;
  readonly kubeconfig: Setting<string> | undefined;
};

/** Reads the root terragrunt.hcl, the wrapper, .sops.yaml and scripts/. Absent files say nothing. */
export async function discover(files: Reading, root: string, wrapper: string): Promise<Discovered> {
  const [hcl, script, sops, scripts] = await Promise.all([
    readText(files, join(root, 'terragrunt.hcl')),
    readText(files, join(root, wrapper)),
    readText(files, join(root, '.sops.yaml')),
    files.list(join(root, 'scripts')),
  ]);
  const present = new Set((scripts ?? []).map((entry) => `scripts/${entry.name}`));
  return {
    tier0: tier0(hcl),
    guards: guards(script, wrapper, present),
    vaultAddress:
      match(hcl, 'terragrunt.hcl', /provider\s+"vault"\s*\{[^}]*?\baddress\s*=\s*"(https?:\/\/[^"$\s]+)"/d) ??
      match(hcl, 'terragrunt.hcl', /get_env\(\s*"VAULT_ADDR"\s*,\s*"(https?:\/\/[^"$\s]+)"/d) ??
      match(sops, '.sops.yaml', /hc_vault_transit_uri:\s*["']?(https?:\/\/[^\s"'/]+)/d),
    pgCredentials: match(script, wrapper, /\b(database\/static-creds\/[\w.-]+)/d),
    pgAddress: match(script, wrapper, /postgres(?:ql)?:\/\/[^\s"']*@([\w.-]+:\d{1,5}\/[\w-]+(?:\?[\w=&.-]+)?)/d),
    kubeconfig: match(hcl, 'terragrunt.hcl', /kube_config_path=\$\{get_repo_root\(\)\}\/([\w./-]+)/d),
  };
}

/** The first group of a pattern with flag `d`, and the line it starts on. */
function match(text: string | undefined, file: string, pattern: RegExp): Setting<string> | undefined {
  const found = text === undefined ? null : pattern.exec(text);
  const value = found?.[1];
  const offset = found?.indices?.[1]?.[0];
  return text === undefined || value === undefined || offset === undefined
    ? undefined
    : { value, source: `${file}:${lineOf(text, offset)}` };
}

function tier0(hcl: string | undefined): Setting<readonly string[]> | undefined {
  if (hcl === undefined) return undefined;
  const bare = hcl.replace(/(?:#|\/\/).*$/gm, (comment) => ' '.repeat(comment.length));
  const found = /\btier0_stacks\s*=\s*\[([^\]]*)\]/d.exec(bare);
  if (found?.[1] === undefined) return undefined;
  const names = [...found[1].matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? '');
  return { value: names, source: `terragrunt.hcl:${lineOf(bare, found.index)}` };
}

/** The guards that the wrapper runs; without such a wrapper every scripts/check-*.py. */
function guards(
  script: string | undefined,
  wrapper: string,
  present: ReadonlySet<string>,
): Setting<readonly string[]> | undefined {
  const named = [...(script ?? '').matchAll(/\bcheck-[\w-]+\.py\b/g)];
  const first = named[0];
  const run = [...new Set(named.map(([name]) => `scripts/${name}`))].filter((path) => present.has(path));
  if (script !== undefined && first !== undefined && run.length > 0)
    return { value: run, source: `${wrapper}:${lineOf(script, first.index)}` };
  const all = [...present].filter((path) => /\/check-[\w-]+\.py$/.test(path)).sort();
  return all.length === 0 ? undefined : { value: all, source: 'scripts/check-*.py' };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
