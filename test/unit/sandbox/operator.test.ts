import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts';
import { documentOf } from '../../document.ts';
import { run } from './asking.ts';

type Verdicts = { readonly findings: readonly { readonly id: string; readonly verdict: string }[] };

const WORLDS = [
  ['healthy', false],
  ['healthy', true],
  ['healthy-documented', false],
  ['healthy-documented', true],
] as const;

let sandbox: Sandbox;
afterEach(() => sandbox.stop());

const infra = async (...argv: readonly string[]) => {
  const { status, out, err } = await run(sandbox, '', 'infra', [...argv, '--json']);
  return { status, err, document: documentOf(out) };
};
const open = ({ findings }: Verdicts) => findings.filter(({ verdict }) => verdict !== 'PASS' && verdict !== 'SKIP');

describe.each(WORLDS)('in the world %s, Authentik configured: %s', (world, authentik) => {
  test('the doctor finds nothing to say', async () => {
    sandbox = await startSandbox({ world, authentik });
    const { status, document } = await infra('doctor');
    expect(open(document as unknown as Verdicts)).toEqual([]);
    expect(status).toBe(0);
  });

  test('every user has what the stacks make', async () => {
    sandbox = await startSandbox({ world, authentik });
    const { status, document } = await infra('user', 'verify', '--all');
    const users = document.users as readonly Verdicts[];
    expect(users.map(open)).toEqual([[], [], [], []]);
    expect(status).toBe(0);
  });
});

describe.each(['healthy', 'healthy-documented'])('in the world %s, with Authentik', (world) => {
  test.each([
    '--domain alice-app --namespace alice-prod --namespace alice-dev --quota cpu_requests=4',
    '--role power-user',
    '--role admin --confirm alice@example.com',
  ])('alice can be added, %s', async (flags) => {
    sandbox = await startSandbox({ world, authentik: true });
    const add = `user add alice --email alice@example.com --yes --restart-portal ${flags}`;
    const { status, document } = await infra(...add.split(' '));
    expect((document as unknown as Verdicts).findings.filter(({ verdict }) => verdict !== 'PASS')).toEqual([]);
    expect(status).toBe(0);
  });
});

test('the addresses of the site are accepted just as `infra config trust` would do it', async () => {
  sandbox = await startSandbox({ authentik: true });
  const file = join(sandbox.env.XDG_CONFIG_HOME ?? '', 'infra', 'trust.json');
  const written = JSON.parse(await readFile(file, 'utf8'));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(written.sites[0].accepted).toContain(sandbox.forgejo.url);
  await writeFile(file, '{"version":1,"sites":[]}\n');
  expect((await infra('doctor')).status).not.toBe(0);
  expect((await infra('config', 'trust', '--yes')).status).toBe(0);
  const [accepted] = JSON.parse(await readFile(file, 'utf8')).sites;
  expect(accepted).toMatchObject({ root: written.sites[0].root, origin: written.sites[0].origin });
  expect(written.sites[0].accepted).toEqual(expect.arrayContaining(accepted.accepted));
});
