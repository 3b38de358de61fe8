/** No secret that logs, events, headers, redirects or programs of a world tell a diagnosis leaves it, in whatever form. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import type { World } from '../../src/sandbox/world.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { hitsBelow, makeDetector } from './canaries-scan.ts';
import { infra } from './user-add/infra.ts';

/** Stays readable: one cannot find a fault without addresses. */
const ADDRESS = '203.0.113.77';

const SECRETS = {
  proxyCookie: 'MTc2OTk5NDkwOXxDanaryProxyCookie0001',
  otherCookie: 'Canary0Theme0Cookie0002',
  setCookie: 'Canary0Set0Cookie0003xyz',
  bearer: 'Canary0.Bearer0.Opaque0004',
  basic: 'Y2FuYXJ5OmJhc2ljMDAwNQ0005',
  jwt: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDYW5hcnkwMDA2In0.Q2FuYXJ5MDAwNlNpZ25hdHVyZQ',
  code: 'c4n4ryC0de0007aBcDeF',
  state: 'c4n4ryS7ate0008aBcDeF',
  redirectState: 'c4n4ryRedir0009aBcDeF',
  sasl: 'AGNhbmFyeQBjYW5hcnkwMDEw',
  escaped: 'Canary0Escaped0Json0011',
  password: 'Canary0Password0012',
  session: 'CANARYSESSION0013ABCDEFGH234567',
  execPassword: 'Canary0Exec0Password0014',
};

/** What a careless program writes: the same secrets in clear, in JSON, in JSON within JSON, in a query. */
const CARELESS: readonly string[] = [
  `Cookie: authentik_proxy_7f3a=${SECRETS.proxyCookie}; theme=${SECRETS.otherCookie}`,
  `Set-Cookie: authentik_proxy_9=${SECRETS.setCookie}; Path=/; HttpOnly`,
  `Authorization: Bearer ${SECRETS.bearer}`,
  `authorization=Basic ${SECRETS.basic}`,
  `token ${SECRETS.jwt}`,
  `GET /outpost.goauthentik.io/callback?code=${SECRETS.code}&state=${SECRETS.state}`,
  `AUTH PLAIN ${SECRETS.sasl}`,
  JSON.stringify({
    request: JSON.stringify({ client_secret: SECRETS.escaped, headers: { Cookie: `sid=${SECRETS.escaped}` } }),
  }),
  `postgres://authentik:${SECRETS.password}@10.0.0.9/authentik`,
  `open /dev/shm/session_${SECRETS.session}: no space left on device`,
];

/** Each as plain text, as the event of a JSON line, and beside an error that a diagnosis looks at and shows. */
const LINES = CARELESS.flatMap((text) => [
  `${text} from ${ADDRESS}`,
  JSON.stringify({ level: 'error', event: text, remote: ADDRESS, timestamp: new Date().toISOString() }),
  JSON.stringify({
    level: 'warning',
    logger: 'authentik.outpost.proxyv2',
    event: 'failed to save session',
    error: `write /dev/shm: no space left on device for ${ADDRESS} ${text}`,
  }),
]);

/** A world whose every part talks too much. */
async function carelessWorld(): Promise<World> {
  const world = await loadWorld('outpost-shm-full');
  const { edge, kubernetes } = world;
  const said = LINES.map((text, at) => ({ text, at: new Date(Date.now() - 600_000 + at * 100).toISOString() }));
  const hosts = edge.outposts.flatMap((outpost) => outpost.hosts).sort();
  const redirect = {
    status: 302,
    headers: {
      location: `https://authentik.sandbox.test/application/o/authorize/?client_id=x&state=${SECRETS.redirectState}&code=${SECRETS.code}`,
      'set-cookie': `authentik_proxy_1=${SECRETS.setCookie}; Path=/`,
      'www-authenticate': `Bearer ${SECRETS.jwt}`,
    },
    body: CARELESS.join('\n'),
  };
  const refusal = {
    status: 500,
    headers: { 'x-debug': CARELESS.join(' ') },
    body: `${ADDRESS}\n${CARELESS.join('\n')}`,
  };
  const events = ['ak-outpost', 'goauthentik-server'].map((name, at) => ({
    ...{ apiVersion: 'v1', kind: 'Event', type: 'Warning', reason: 'Unhealthy', count: 3 },
    metadata: { name: `${name}.canary`, namespace: 'authentik' },
    involvedObject: { kind: 'Pod', name, namespace: 'authentik' },
    message: `Readiness probe failed: ${CARELESS.slice(at * 5, at * 5 + 5).join(' ')}`,
    lastTimestamp: new Date().toISOString(),
  }));
  const complaining = { stdout: '', stderr: `${CARELESS.join(' ')} password=${SECRETS.execPassword}\n`, exitCode: 3 };
  return {
    ...world,
    edge: { ...edge, refused: Object.fromEntries(hosts.map((host, at) => [host, at % 2 === 0 ? redirect : refusal])) },
    kubernetes: {
      ...kubernetes,
      objects: [...kubernetes.objects, ...events],
      logs: kubernetes.logs.map(({ lines, ...source }) => ({
        ...source,
        lines: () => [...said, ...(typeof lines === 'function' ? lines() : lines)],
      })),
      exec: [
        { namespace: 'dbaas', command: ['psql', '*'], ...complaining },
        { namespace: 'authentik', pod: 'goauthentik-server*', command: ['df', '*'], ...complaining },
        ...kubernetes.exec,
      ],
    },
  };
}

/** What is meant to hold a secret: the sandbox itself, and what the operator brought. */
const MEANT = [/^kubeconfig$/, /^repo\/config$/, /^repo\/secrets\//, /^age-key\.txt$/, /^sandbox\.json$/, /^pg\//];

const play = async (): Promise<Sandbox> => {
  const sandbox = await startSandbox({ world: await carelessWorld(), authentik: true });
  onTestFinished(sandbox.stop);
  return sandbox;
};

const detect = makeDetector({ ...CANARIES, ...SECRETS });
const leaks = (sandbox: Sandbox, { stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => [
  ...detect('stdout', stdout),
  ...detect('stderr', stderr),
  ...hitsBelow(sandbox.dir, detect, (path) => MEANT.some((pattern) => pattern.test(path))),
];

test('authentik, in every form, live and replayed, with what is kept beside it', async () => {
  const sandbox = await play();
  const folder = join(sandbox.dir, 'evidence');
  const live = await infra(sandbox, ['diagnose', 'authentik', '--record', folder, '-v', '--debug'], {
    env: { DEBUG: '*' },
  });
  expect(leaks(sandbox, live)).toEqual([]);
  expect(live.stdout).toContain('authentik.outpost.shm-full');
  const recorded = readFileSync(join(folder, 'probes/authentik.outpost.logs.json'), 'utf8');
  expect(recorded).toContain(ADDRESS);
  expect(recorded).toContain('no space left on device');
  expect(readFileSync(join(folder, 'probes/authentik.edge.direct.json'), 'utf8')).toContain(ADDRESS);
  for (const form of [['-v'], ['--json'], ['--format', 'junit'], ['--format', 'md'], ['--short'], ['--alert-rules']]) {
    const replayed = await infra(sandbox, ['diagnose', 'authentik', '--replay', folder, ...form, '--debug']);
    expect(replayed.status, form.join(' ')).toBe(2);
    expect(leaks(sandbox, replayed), form.join(' ')).toEqual([]);
  }
  const direct = await infra(sandbox, ['diagnose', 'authentik', '--json', '--debug']);
  expect(leaks(sandbox, direct)).toEqual([]);
  expect(direct.stdout).toContain('no space left on device');
});

test.each([[[]], [['--json']]])('logs of files and of pods, with %j', async (more) => {
  const sandbox = await play();
  mkdirSync(join(sandbox.dir, 'pg'), { recursive: true });
  // Below pg/ secrets are meant: the file that is read holds them all.
  const file = join(sandbox.dir, 'pg/outpost.log');
  writeFileSync(file, LINES.map((line) => `${line}\n`.repeat(3)).join(''));
  const read = await infra(sandbox, ['diagnose', 'logs', file, '--debug', ...more]);
  expect(read.status).toBe(2);
  expect(leaks(sandbox, read)).toEqual([]);
  expect(read.stdout).toContain(ADDRESS);
  const selector = 'app.kubernetes.io/name=authentik-outpost-proxy';
  const pods = await infra(sandbox, [
    'diagnose',
    'logs',
    '--namespace',
    'authentik',
    '--selector',
    selector,
    '--debug',
    ...more,
  ]);
  expect(leaks(sandbox, pods)).toEqual([]);
  expect(pods.stdout).toContain('shm');
});
