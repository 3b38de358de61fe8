/** No secret that a platform tells a diagnosis leaves it: not in any form of the answer, not in a recording, not in the state folder. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyEnvironment, run } from './cli/run-program.ts';

const CLI = join(import.meta.dirname, '../fixtures/diagnose-cli/run.ts');
const TOKEN = 'hvs.CanaryVaultToken0123456789abcdef';
const LOCK = [
  'jammed by Cookie: authentik_proxy_1=Canary0123456789; theme=Canary9876543210',
  'Authorization: Bearer Canary.Bearer.0123456789',
  'GET /callback?code=CanaryCode012345&state=CanaryState0123',
  `token ${TOKEN} from 203.0.113.7`,
].join(' | ');

/** Every file below a folder, as text. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

test.each([
  ['text', ['-v']],
  ['JSON', ['--json', '--debug']],
  ['JUnit', ['--format', 'junit']],
  ['Markdown', ['--format', 'md']],
  ['the lines for a chat', ['--short']],
])('%s holds no secret, nor does what is kept beside it', async (_, args) => {
  const root = mkdtempSync(join(tmpdir(), 'infra-door-'));
  const env = { ...emptyEnvironment(), VAULT_TOKEN: TOKEN };
  mkdirSync(join(root, 'house'));
  writeFileSync(join(root, 'infra.yaml'), '');
  writeFileSync(join(root, 'house/lock'), LOCK);
  const folder = join(root, 'evidence');
  const live = await run(CLI, ['diagnose', 'door', '--repo', root, '--record', folder, ...args], { env });
  const replayed = await run(
    CLI,
    ['diagnose', 'door', '--replay', folder, ...args.filter((arg) => arg !== '--debug')],
    { env },
  );
  expect([live.status, replayed.status]).toEqual([2, 2]);
  const said = [live.stdout, live.stderr, replayed.stdout, replayed.stderr, everything(folder), everything(env.HOME)];
  expect(said.filter((text) => text.includes('Canary'))).toEqual([]);
  expect(live.stdout).toContain('203.0.113.7');
  expect(everything(folder)).toContain('203.0.113.7');
});
