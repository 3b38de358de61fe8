import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { compose } from '../../../../src/lib/stacks/scaffold/compose.ts';
import { readConventions } from '../../../../src/lib/stacks/scaffold/conventions.ts';
import { assertRequest, type ScaffoldRequest } from '../../../../src/lib/stacks/scaffold/request.ts';
import { fill } from '../../../../src/lib/stacks/scaffold/template.ts';
import { hclProblem } from '../../../../src/lib/stacks/source/hcl-problem.ts';
import { unit } from '../support/history.ts';
import { makeSite } from '../support/site.ts';
import { temporaryFolder, writeTree } from '../support/tree.ts';

const TEMPLATES = new Map(
  globSync(join(import.meta.dirname, '../../../../templates/stack/*')).map((path) => [
    basename(path),
    readFileSync(path, 'utf8'),
  ]),
);

const variables = (required: readonly string[], optional: readonly string[]): string =>
  [
    ...required.map((name) => `variable "${name}" {}\n`),
    ...optional.map((name) => `variable "${name}" {\n  default = null\n}\n`),
  ].join('');

/** A repository as the real one: a factory of ingresses, a TLS module, the stacks that others need. */
const REPOSITORY: Readonly<Record<string, string>> = {
  'modules/kubernetes/ingress_factory/main.tf': variables(
    ['name', 'namespace', 'tls_secret_name'],
    ['host', 'full_host', 'service_name', 'port', 'auth', 'extra_annotations'],
  ),
  'modules/kubernetes/setup_tls_secret/main.tf': variables(['namespace', 'tls_secret_name'], []),
  ...Object.fromEntries(
    ['infra', 'platform', 'vault', 'external-secrets', 'traefik', 'authentik'].flatMap((name) => [
      [`stacks/${name}/terragrunt.hcl`, unit()],
      [`stacks/${name}/main.tf`, 'locals {}\n'],
    ]),
  ),
};

async function made(request: ScaffoldRequest, more: Readonly<Record<string, string>> = {}) {
  const root = await temporaryFolder();
  await writeTree(root, { ...REPOSITORY, ...more });
  const site = makeSite({ root });
  assertRequest(request);
  const composition = compose(request, await readConventions({ files: makeFiles() }, site), site, TEMPLATES);
  const text = (path: string): string => composition.files.find((file) => file.path === path)?.text ?? '';
  return { ...composition, text };
}

const ALL: ScaffoldRequest = {
  name: 'blog',
  image: 'ghcr.io/example/blog:1.4.2',
  port: 8080,
  host: 'journal',
  auth: 'none',
  why: 'a feed for the public',
  description: 'Says "${hello}"',
  secret: true,
  storage: '5Gi',
};

describe('what a new stack is made of', () => {
  test('nothing asked for: a namespace that depends on platform', async () => {
    const { files, links, dependencies } = await made({ name: 'blog' });
    expect(files.map(({ path }) => path)).toEqual(['terragrunt.hcl', 'main.tf']);
    expect([links, dependencies]).toEqual([[], ['platform']]);
  });

  test('what is asked for decides files, dependencies, links and the first apply', async () => {
    const { files, links, dependencies, firstApply } = await made(ALL);
    expect(files.map(({ path }) => path)).toEqual([
      'terragrunt.hcl',
      'main.tf',
      'deployment.tf',
      'ingress.tf',
      'secret.tf',
      'storage.tf',
    ]);
    expect(links).toEqual([{ path: 'secrets', target: '../../secrets' }]);
    expect(dependencies).toEqual(['platform', 'traefik', 'vault', 'external-secrets']);
    expect(firstApply[0]).toContain('secret/blog in Vault');
    expect(firstApply.at(-1)).toContain('first apply holds the lock');
  });

  test('a host behind the login needs authentik applied once more; others do not', async () => {
    const text = async (request: ScaffoldRequest): Promise<string> => (await made(request)).firstApply.join('\n');
    expect(await text({ ...ALL, auth: undefined })).toContain('authentik');
    expect(await text(ALL)).not.toContain('authentik');
  });

  test('where Kyverno copies the TLS Secret, the stack makes none and needs no link', async () => {
    const kyverno = { 'stacks/kyverno/terragrunt.hcl': unit(), 'stacks/kyverno/main.tf': '# sync-tls-secret\n' };
    const { links, dependencies, text } = await made(ALL, kyverno);
    expect(links).toEqual([]);
    expect(dependencies).toContain('kyverno');
    expect(text('main.tf')).not.toContain('setup_tls_secret');
    expect(text('main.tf')).toContain('variable "tls_secret_name"');
  });

  test('what others change is ignored only where they are', async () => {
    const extra = { 'stacks/keel/terragrunt.hcl': unit(), 'stacks/pvc-autoresizer/terragrunt.hcl': unit() };
    expect((await made(ALL)).text('deployment.tf')).not.toContain('KEEL');
    const { text } = await made(ALL, extra);
    expect(text('deployment.tf')).toContain('KEEL_IGNORE_IMAGE');
    expect(text('storage.tf')).toContain('ignore_changes = [spec[0].resources[0].requests]');
  });

  test('an ExternalSecret is written as the others of the repository are', async () => {
    const other =
      'resource "kubernetes_manifest" "x" {\n  manifest = {\n    apiVersion = "external-secrets.io/v1beta1"\n    spec = {\n      secretStoreRef = {\n        name = "vault-main"\n      }\n    }\n  }\n}\n';
    const { text } = await made(ALL, { 'stacks/vault/es.tf': other });
    expect(text('secret.tf')).toContain('apiVersion = "external-secrets.io/v1beta1"');
    expect(text('secret.tf')).toContain('name = "vault-main"');
  });

  test('a storage class makes the stack that declares it a dependency', async () => {
    const csi = {
      'stacks/fast-csi/terragrunt.hcl': unit(),
      'stacks/fast-csi/main.tf': 'resource "kubernetes_storage_class" "f" {\n  metadata {\n    name = "fast"\n  }\n}\n',
    };
    expect((await made({ ...ALL, storageClass: 'fast' }, csi)).dependencies).toContain('fast-csi');
  });

  test('without a login a comment above says why, and a description cannot leave its string', async () => {
    const ingress = (await made(ALL)).text('ingress.tf');
    expect(ingress).toContain('  # auth = "none": a feed for the public\n  auth = "none"\n');
    expect(ingress).toContain('"gethomepage.dev/description" = "Says \\"$${hello}\\""');
  });

  test('an ingress module that wants what infra does not know, or is not there, is no guess', async () => {
    const strange = {
      'modules/kubernetes/ingress_factory/main.tf': variables(['name', 'zone'], ['auth', 'extra_annotations']),
    };
    await expect(made(ALL, strange)).rejects.toMatchObject({
      code: 'stack.new-unknown-argument',
      message: expect.stringContaining('needs zone'),
    });
    const none = { 'modules/kubernetes/ingress_factory/main.tf': '' };
    await expect(made({ ...ALL, host: 'a.example.com' }, none)).rejects.toMatchObject({
      message: expect.stringContaining('does not take auth, extra_annotations, full_host'),
    });
  });
});

const TOFU = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'infra-real/bin/tofu');

const REQUESTS: readonly ScaffoldRequest[] = [
  { name: 'blog' },
  ALL,
  { ...ALL, auth: undefined, why: undefined, host: 'blog.example.com', storageClass: 'fast', secret: false },
  { name: 'x1', image: 'busybox:1.37' },
  { name: 'x1', image: `busybox@sha256:${'0'.repeat(64)}`, port: 1, host: 'x1' },
];

test.each(REQUESTS)('every combination is well-formed HCL: %j', async (request) => {
  for (const { path, text } of (await made(request)).files) {
    expect([path, hclProblem(text)]).toEqual([path, undefined]);
    expect(text).not.toMatch(/\{\{|\n\n\n|[ \t]$/m);
    expect(text.endsWith('\n')).toBe(true);
  }
});

test.skipIf(!existsSync(TOFU))('every combination is formatted as tofu formats it', async () => {
  const folder = await temporaryFolder();
  for (const [index, request] of REQUESTS.entries()) {
    for (const { path, text } of (await made(request)).files) await writeTree(folder, { [`${index}/${path}`]: text });
  }
  await writeTree(folder, { '.tofurc': '' });
  const env = { PATH: process.env.PATH ?? '', HOME: folder, TF_CLI_CONFIG_FILE: join(folder, '.tofurc') };
  // It ends with 3 when something is to be formatted, and prints what.
  const { stdout } = await promisify(execFile)(TOFU, ['fmt', '-check', '-diff', '-recursive', folder], { env }).catch(
    (ended: { readonly stdout: string }) => ended,
  );
  expect(stdout).toBe('');
});

test.each([
  [{ name: 'Blog' }, 'stack.new-name'],
  [{ name: 'my_app' }, 'stack.new-name'],
  [{ name: '-x' }, 'stack.new-name'],
  [{ name: '../x' }, 'stack.new-name'],
  [{ name: 'x'.repeat(64) }, 'stack.new-name'],
  [{ name: 'x', image: 'busybox' }, 'stack.new-image-tag'],
  [{ name: 'x', image: 'busybox:latest' }, 'stack.new-image-tag'],
  [{ name: 'x', image: 'a"\n}:1' }, 'stack.new-image'],
  [{ name: 'x', image: 'a:1', port: 0 }, 'stack.new-port'],
  [{ name: 'x', port: 80 }, 'stack.new-no-image'],
  [{ name: 'x', image: 'a:1', host: 'x' }, 'stack.new-no-port'],
  [{ name: 'x', image: 'a:1', port: 1, host: 'x"y' }, 'stack.new-host'],
  [{ name: 'x', image: 'a:1', port: 1, host: 'x', auth: 'app' }, 'stack.new-no-reason'],
  [{ name: 'x', image: 'a:1', port: 1, host: 'x', auth: 'none', why: 'a\nb' }, 'stack.new-reason'],
  [{ name: 'x', image: 'a:1', storage: '5' }, 'stack.new-storage'],
  [{ name: 'x', image: 'a:1', storageClass: 'fast' }, 'stack.new-no-storage'],
] as const)('%j is refused: %s', (request, code) => {
  const refused = (): void => assertRequest(request);
  expect(refused).toThrowError(expect.objectContaining({ code: 'stack.new-bad-request', status: 'usage' }));
  try {
    refused();
  } catch (error) {
    const { violations, message } = error as { violations: { code: string }[]; message: string };
    expect(violations.length === 0 ? message : violations.map((each) => each.code).join()).toMatch(
      violations.length === 0 ? /./ : new RegExp(code),
    );
  }
});

test('a template fills values, repeats sections and leaves out those without a value', () => {
  const template = 'a {{x}}\n{{#y}}\n- {{y}} {{x}}\n{{/y}}\n{{#z}}\nnever\n{{/z}}\nb\n';
  expect(fill(template, { x: '1', y: ['p', 'q'] })).toBe('a 1\n- p 1\n- q 1\nb\n');
  expect(() => fill('{{gone}}', {})).toThrow('The template names gone');
});
