import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts';
import { run } from './asking.ts';

const JSON_TYPES = ['--input-type', 'json', '--output-type', 'json'];
const ENC = 'state/stacks/vault/terraform.tfstate.enc';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const sops = (argv: readonly string[], env: Record<string, string> = {}) => run(sandbox, '', 'sops', argv, env);

test('what the creation rules encrypt comes back digit by digit, and never twice the same', async () => {
  const plain = join(sandbox.repo, 'state/stacks/vault/terraform.tfstate');
  const text = '{"a":"secret","n":12345678901234567890,"f":1.50,"b":true,"e":"","z":null,"l":[{"x":"y"}]}';
  await writeFile(plain, text);
  const first = await sops(['-e', ...JSON_TYPES, plain]);
  const second = await sops(['-e', ...JSON_TYPES, plain]);
  expect(first.status).toBe(0);
  expect(first.out).not.toBe(second.out);
  const shown = JSON.parse(first.out);
  expect(shown.a).toMatch(/^ENC\[AES256_GCM,data:.+,iv:.+,tag:.+,type:str\]$/);
  expect(shown.sops).toMatchObject({
    hc_vault: [{ vault_address: sandbox.vault.url, engine_path: 'transit', key_name: 'sops-state-vault' }],
    age: [{ recipient: expect.stringMatching(/^age1/) }, { recipient: expect.stringMatching(/^age1/) }],
    version: '3.13.3',
  });
  await writeFile(`${plain}.again`, first.out);
  const back = await sops(['-d', ...JSON_TYPES, `${plain}.again`]);
  expect(back.out.replace(/[\t\n]/g, '').replaceAll(': ', ':')).toBe(text);
});

test('opens with the token or with the age key; without both the status is 128', async () => {
  expect((await sops(['-d', ...JSON_TYPES, ENC])).status).toBe(0);
  const withoutVault = { VAULT_TOKEN: 'nonsense' };
  expect(
    (await sops(['-d', ...JSON_TYPES, ENC], { ...withoutVault, SOPS_AGE_KEY_FILE: sandbox.ageKeyFile })).status,
  ).toBe(0);
  const refused = await sops(['-d', ...JSON_TYPES, ENC], withoutVault);
  expect(refused.status).toBe(128);
  expect(refused.err).toContain('Failed to get the data key required to decrypt the SOPS file.');
  expect(refused.err).not.toContain('nonsense');
});

test('a changed file is noticed', async () => {
  const tampered = JSON.parse(await readFile(join(sandbox.repo, ENC), 'utf8'));
  tampered.extra = '';
  const file = join(sandbox.dir, 'tampered.json');
  tampered.serial = tampered.version;
  await writeFile(file, JSON.stringify(tampered));
  expect((await sops(['-d', ...JSON_TYPES, file])).status).not.toBe(0);
});

test('no rule, no file, version', async () => {
  const elsewhere = join(sandbox.dir, 'elsewhere.json');
  await writeFile(elsewhere, '{}');
  expect((await sops(['-e', ...JSON_TYPES, elsewhere])).err).toContain('no keys provided through command line options');
  expect((await sops(['-d', join(sandbox.dir, 'none')])).status).toBe(100);
  expect((await sops(['--version', '--disable-version-check'])).out).toBe('sops 3.13.3\n');
});
