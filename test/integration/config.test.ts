import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentOf } from '../document.ts';
import { INFRA, run } from './cli/run-program.ts';

const repository = (site?: string): { root: string; env: { HOME: string } } => {
  const root = mkdtempSync(join(tmpdir(), 'infra-config-'));
  const files = {
    'terragrunt.hcl': 'provider "vault" {\n  address = "https://vault.example.com"\n}\n',
    'stacks/vault/terragrunt.hcl': '',
    ...(site === undefined ? {} : { 'infra.yaml': site }),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, env: { HOME: mkdtempSync(join(tmpdir(), 'infra-home-')) } };
};
const infra = (words: string, { root, env }: ReturnType<typeof repository>) =>
  run(INFRA, [...words.split(' '), '--repo', root], { env });

describe('infra config show', () => {
  it('prints each effective value with where it came from', async () => {
    const ended = await infra('config show', repository('stacks:\n  parallelism: 3\n'));
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toMatch(/stacks\.parallelism +infra\.yaml:2 +3\n/);
    expect(ended.stdout).toMatch(/vault\.address +terragrunt\.hcl:2 +https:\/\/vault\.example\.com\n/);
    expect(ended.stdout).toMatch(/vault\.users\.path +default +secret\/platform\n/);
  });

  it('shows what no command of today uses, too: the whole template', async () => {
    const template = readFileSync(join(import.meta.dirname, '../../templates/site/infra.yaml'), 'utf8');
    const ended = await infra('config show --json', repository(template));
    const rows = documentOf(ended.stdout).settings as readonly { key: string; value?: unknown; source: string }[];
    const value = (key: string) => rows.find((row) => row.key === key)?.value;
    expect(value('edge.traefik.address')).toBe('10.0.20.203');
    expect(value('mail.ports.imaps.proxy')).toBe(10993);
    expect(value('hosts.1.ssh')).toBe('mini-vps');
    expect(value('ignore.0.expires')).toBe('2027-06-30');
    expect(value('authentik.token.vault')).toBe('secret/authentik#tf_api_token');
  });

  it('warns of an unknown key on stderr and goes on', async () => {
    const ended = await infra('config show vault', repository('valut: {}\n'));
    expect(ended.status).toBe(0);
    expect(ended.stderr).toContain('infra.yaml:1:1: unknown key "valut"; did you mean vault?');
    expect(ended.stdout).toContain('vault.address');
    expect(ended.stdout).not.toContain('stacks.dir');
  });

  it('of a setting that does not exist is 64 with the nearest one', async () => {
    const ended = await infra('config show vault.adress', repository());
    expect(ended.status).toBe(64);
    expect(ended.stderr).toContain('Did you mean vault.address?');
  });
});

describe('infra config check', () => {
  it('names everything that is wrong at once, 78, as one document too', async () => {
    const site = repository(
      'stacks:\n  parallelism: 0\nvault:\n  adress: x\nauthentik:\n  token: canary-secret-value\n',
    );
    const ended = await infra('config check', site);
    expect(ended.status).toBe(78);
    for (const place of ['infra.yaml:2:3', 'infra.yaml:4:3', 'infra.yaml:6:3']) expect(ended.stderr).toContain(place);
    const document = documentOf((await infra('config check --json', site)).stdout);
    expect(document).toMatchObject({ exitStatus: 78, error: { code: 'config.invalid' } });
    expect(ended.stdout + ended.stderr + JSON.stringify(document)).not.toContain('canary');
  });

  it('warns, status 1, of what is allowed and cannot be right', async () => {
    const site =
      'stacks: {guards: [scripts/check-a.py], tier0: {stacks: [vautl]}}\nignore:\n  - {finding: a, reason: b, expires: 2020-01-01}\n';
    const ended = await infra('config check', repository(site));
    expect(ended.status).toBe(1);
    expect(ended.stdout).toContain('scripts/check-a.py');
    expect(ended.stdout).toContain('stacks/vautl');
    expect(ended.stdout).toContain('2020-01-01');
  });

  it('is content with a good file, and without one', async () => {
    expect(await infra('config check', repository('stacks: {dir: stacks}\n'))).toMatchObject({ status: 0, stderr: '' });
    expect(await infra('config check', repository())).toMatchObject({ status: 0, stderr: '' });
  });

  it('without any repository is 78 and says what to type', async () => {
    const ended = await run(INFRA, ['config', 'check', '--repo', mkdtempSync(join(tmpdir(), 'infra-none-'))]);
    expect(ended.status).toBe(78);
    expect(ended.stderr).toContain('config.no-repository');
  });
});

describe('infra config schema', () => {
  it('prints a JSON Schema that takes the template and refuses a literal token', async () => {
    const ended = await run(INFRA, ['config', 'schema']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(ended.stdout));
    const template: unknown = parse(readFileSync(join(import.meta.dirname, '../../templates/site/infra.yaml'), 'utf8'));
    expect(validate(template), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ authentik: { token: 'literal' } })).toBe(false);
    expect(validate({ valut: {} })).toBe(false);
  });
});

describe('infra config trust', () => {
  it('without a terminal and without --yes accepts nothing: 4', async () => {
    const site = repository();
    const ended = await infra('config trust', site);
    expect(ended.status).toBe(4);
    expect(ended.stdout).toContain('https://vault.example.com');
    expect(() => statSync(join(site.env.HOME, '.config'))).toThrow();
  });

  it('with --yes accepts once, outside the repository, for this repository only', async () => {
    const site = repository();
    expect(await infra('config trust --yes', site)).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(join(site.env.HOME, '.config/infra/trust.json')).mode & 0o777).toBe(0o600);
    const again = documentOf((await infra('config trust --json', site)).stdout);
    expect(again).toMatchObject({ exitStatus: 0, subjects: [{ key: 'vault.address', accepted: true }] });
    const other = { ...repository(), env: site.env };
    expect((await infra('config trust', other)).status).toBe(4);
  });
});
