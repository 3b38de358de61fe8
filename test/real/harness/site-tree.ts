/** The site's repository as files: the templates of ../site in one of two shapes and one of two run styles. */
import { chmod, cp, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from './run.ts';
import { realTool } from './tools.ts';

/** `extracted`: a stack for each concern, `platform` empty. `documented`: `platform` holds RBAC, quota, TLS and DNS. */
export type Shape = 'extracted' | 'documented';

/** `source`: the root file has `terraform { source }`, which terragrunt 1.x needs. `inplace`: it has none, as up to 0.99. */
export type Style = 'source' | 'inplace';

const templates = fileURLToPath(new URL('../site', import.meta.url));
const sourceLine = '  source = "${get_repo_root()}//${path_relative_to_include()}"\n';

/** In which order the stacks are applied the first time; those of one row do not wait for each other. */
export const applyOrder: Record<Shape, string[][]> = {
  extracted: [['infra'], ['platform'], ['vault'], ['rbac', 'woodpecker', 'cloudflared'], ['k8s-dashboard']],
  documented: [['infra'], ['vault'], ['platform', 'woodpecker']],
};

export const tier0 = ['infra', 'platform', 'vault'];

/** Writes the tree into `dir`; `values` replaces the words between @@ in every file. */
export async function writeSiteTree(
  dir: string,
  shape: Shape,
  style: Style,
  values: Record<string, string>,
): Promise<void> {
  for (const part of ['common', shape]) await cp(join(templates, part), dir, { recursive: true });
  await rename(join(dir, 'gitignore'), join(dir, '.gitignore'));
  await rename(join(dir, 'sops.yaml'), join(dir, '.sops.yaml'));
  const all: Record<string, string> = { ...values, SOURCE: style === 'source' ? sourceLine : '' };
  for (const file of ['terragrunt.hcl', 'config.tfvars', 'infra.yaml', '.sops.yaml', 'scripts/tg']) {
    const path = join(dir, file);
    const text = await readFile(path, 'utf8');
    await writeFile(
      path,
      text.replace(/@@(\w+)@@\n?/g, (word, name: string) => replacement(word, name, all)),
    );
  }
  await writeCertificate(join(dir, 'secrets'));
  for (const stack of await readdir(join(dir, 'stacks')))
    await symlink('../../secrets', join(dir, 'stacks', stack, 'secrets'));
  for (const script of await readdir(join(dir, 'scripts'))) await chmod(join(dir, 'scripts', script), 0o755);
}

/** Changes only what the two styles differ in. */
export async function setStyle(dir: string, style: Style): Promise<void> {
  const path = join(dir, 'terragrunt.hcl');
  const text = (await readFile(path, 'utf8')).replace(sourceLine, '');
  await writeFile(path, style === 'source' ? text.replace('\nterraform {\n', `\nterraform {\n${sourceLine}`) : text);
}

function replacement(word: string, name: string, values: Record<string, string>): string {
  const value = values[name];
  if (value === undefined) throw new Error(`nothing to put in the place of ${word}`);
  return name === 'SOURCE' ? value : value + (word.endsWith('\n') ? '\n' : '');
}

async function writeCertificate(dir: string): Promise<void> {
  await mkdir(dir);
  const files = ['-keyout', join(dir, 'privkey.pem'), '-out', join(dir, 'fullchain.pem')];
  const subject = ['-subj', '/CN=*.example.test', '-days', '2', '-config', '/dev/null'];
  await must(realTool('openssl'), [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    ...files,
    ...subject,
  ]);
}
