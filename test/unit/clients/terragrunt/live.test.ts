import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import type { PlanOptions, Unit } from '../../../../src/lib/clients/terragrunt/client.ts';
import { makeTerragrunt } from '../../../../src/lib/clients/terragrunt/live.ts';
import { meaningOf } from '../../../../src/lib/clients/terragrunt/meaning.ts';
import { isInfraError } from '../../../../src/lib/errors.ts';
import { Secret } from '../../../../src/lib/secrets/secret.ts';
import { addProgram, makeBench, until } from '../process/programs.ts';

const VERSION = '{"@level":"info","type":"version","tofu":"1.12.6","ui":"1.2"}';
const error = (summary: string, detail: string, more: object = {}): string =>
  JSON.stringify({
    '@level': 'error',
    '@message': `Error: ${summary}`,
    type: 'diagnostic',
    diagnostic: { severity: 'error', summary, detail, ...more },
  });

let bench: Awaited<ReturnType<typeof makeBench>>;
let unit: Unit;
beforeEach(async () => {
  bench = await makeBench();
  const folder = join(bench.folder, 'stacks', 'rbac');
  await mkdir(folder, { recursive: true });
  unit = {
    folder,
    env: { PGAPPNAME: 'infra stack=rbac' },
    secretEnv: { PG_CONN_STR: new Secret('postgres://u:canary-pw@h/db') },
  };
  return bench.remove;
});

/** Puts a `terragrunt` on PATH that notes its argv and environment and then does `body`. */
async function terragrunt(body: string, env: Record<string, string> = {}) {
  const { bin, folder } = bench;
  await addProgram(
    bin,
    'terragrunt',
    `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/argv\nenv > ${folder}/env\npwd > ${folder}/cwd\nfor last in "$@"; do :; done\n${body}\n`,
  );
  const all = { ...bench.env, ...env };
  return makeTerragrunt({ processes: makeProcesses({ env: all }), env: all });
}
const argv = async (): Promise<string[]> => (await readFile(join(bench.folder, 'argv'), 'utf8')).trimEnd().split('\n');
const environment = async (): Promise<string[]> => (await readFile(join(bench.folder, 'env'), 'utf8')).split('\n');
const planFile = (): string => join(bench.folder, 'private', 'plan');
const options = (more: Partial<PlanOptions> = {}): PlanOptions => ({
  out: planFile(),
  lockTimeout: '5m',
  lock: true,
  ...more,
});
const hold = () => ({
  outputFolder: bench.folder,
  onStart: async () => undefined,
  interrupt: new AbortController().signal,
});
const lines = (...all: string[]): string => `cat <<'END'\n${all.join('\n')}\nEND`;

async function failure(promise: Promise<unknown>) {
  const thrown: unknown = await promise.then(
    (value) => new Error(`no error but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!isInfraError(thrown)) throw thrown;
  expect(thrown.message + thrown.hints.join()).not.toContain('canary');
  return thrown;
}

describe('plan', () => {
  it('puts its flags right after the verb, and its file where only the owner reads it', async () => {
    const tool = await terragrunt(`printf plan > ${planFile()}\n${lines(VERSION)}\nexit 2`);
    expect(await tool.plan(unit, options())).toMatchObject({ outcome: 'changes', diagnostics: [], text: '' });
    expect(await argv()).toEqual([
      'plan',
      '-json',
      '-detailed-exitcode',
      '-input=false',
      '-lock-timeout=5m',
      `-out=${planFile()}`,
    ]);
    expect((await stat(planFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(bench.folder, 'private'))).mode & 0o777).toBe(0o700);
    expect((await readFile(join(bench.folder, 'cwd'), 'utf8')).trim()).toBe(unit.folder);
  });

  it('is never readable for others, not even while tofu writes it', async () => {
    const tool = await terragrunt(
      `umask 022\nprintf plan > ${planFile()}\nstat -c %a ${planFile()} > ${bench.folder}/mode\nexit 2`,
    );
    await tool.plan(unit, options());
    expect(await readFile(join(bench.folder, 'mode'), 'utf8')).toBe('600\n');
  });

  it('takes no lock for drift', async () => {
    const tool = await terragrunt(`printf plan > ${planFile()}`);
    expect((await tool.plan(unit, options({ lock: false }))).outcome).toBe('no-changes');
    expect(await argv()).toContain('-lock=false');
  });

  it('hands secrets over by environment only, and lets no verbose log or --all of the shell in', async () => {
    const tool = await terragrunt(`printf plan > ${planFile()}`, {
      TF_LOG: 'TRACE',
      TF_LOG_PROVIDER: 'DEBUG',
      TG_LOG_LEVEL: 'trace',
      TG_ALL: 'true',
      TF_LOG_PATH: '/tmp/x',
    });
    await tool.plan(unit, options());
    expect((await argv()).join(' ')).not.toContain('canary');
    expect(await environment()).toEqual(
      expect.arrayContaining([
        'PG_CONN_STR=postgres://u:canary-pw@h/db',
        'PGAPPNAME=infra stack=rbac',
        'TF_IN_AUTOMATION=1',
        'TF_INPUT=0',
        'CHECKPOINT_DISABLE=1',
        'TG_NON_INTERACTIVE=true',
        'TG_NO_COLOR=true',
        'TG_ALL=false',
        'TG_LOG_LEVEL=info',
        'TF_LOG=',
        'TF_LOG_PROVIDER=',
        'TF_LOG_PATH=',
      ]),
    );
    expect((await environment()).some((line) => line.startsWith('TG_TF_PATH='))).toBe(false);
  });

  it('that failed gives the diagnostics among whatever else was printed', async () => {
    const text = lines(
      'hook says {hello',
      `12:00:00.000 STDOUT tofu: ${error('Unsupported argument', 'There is no "x".', { address: 'module.a.b.c' })}`,
      '{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"Old","detail":""}}',
      '{"half',
    );
    const run = await (await terragrunt(`${text}\nexit 1`)).plan(unit, options());
    expect(run.outcome).toBe('failed');
    expect(run.diagnostics).toEqual([
      { severity: 'error', summary: 'Unsupported argument', detail: 'There is no "x".', address: 'module.a.b.c' },
      { severity: 'warning', summary: 'Old', detail: '' },
    ]);
    expect(run.text).toBe('Error: Unsupported argument\n  with module.a.b.c\n\nThere is no "x".');
    await expect(stat(planFile())).rejects.toThrow('ENOENT');
  });

  it('that terragrunt itself refused says why', async () => {
    const text = `cat >&2 <<'END'\n12:00:00.000 INFO   Downloading\n12:00:00.001 ERROR  Error: Unknown variable\nThere is no variable named "nope".\n12:00:00.002 INFO   TIP: read the docs\nEND\nexit 1`;
    const run = await (await terragrunt(text)).plan(unit, options());
    expect(run.diagnostics).toEqual([
      { severity: 'error', summary: 'Error: Unknown variable', detail: 'There is no variable named "nope".' },
    ]);
  });

  it('that ended without a word or by a signal is a failure too', async () => {
    expect((await (await terragrunt('exit 7')).plan(unit, options())).diagnostics[0]?.summary).toContain(
      'ended with 7',
    );
    expect((await (await terragrunt('kill -9 $$')).plan(unit, options())).diagnostics[0]?.summary).toContain('SIGKILL');
  });

  it('of an excluded unit is not "no changes"', async () => {
    expect((await failure((await terragrunt('exit 0')).plan(unit, options()))).code).toBe('terragrunt.bad-output');
  });

  it('that is stopped leaves no plan file behind', async () => {
    const controller = new AbortController();
    const tool = await terragrunt(`touch ${bench.folder}/up; exec sleep 60`);
    const up = until('terragrunt to run', () => readFile(join(bench.folder, 'up'), 'utf8').catch(() => undefined));
    void up.then(() => controller.abort());
    expect((await failure(tool.plan(unit, options({ signal: controller.signal })))).code).toBe('process.cancelled');
    await expect(stat(planFile())).rejects.toThrow('ENOENT');
  });

  it('needs an absolute file, because tofu runs in another folder', async () => {
    await expect((await terragrunt('exit 0')).plan(unit, options({ out: 'plan' }))).rejects.toThrow(TypeError);
  });
});

describe('apply', () => {
  it('hands exactly the plan file to the tool that made the plan, after all flags', async () => {
    const tool = await terragrunt(
      `printf plan > ${planFile()}\n${lines('{"type":"version","terraform":"1.11.4"}')}\ncase $1 in plan) exit 2;; esac`,
    );
    await tool.plan(unit, options());
    expect(await tool.apply(unit, planFile(), '5m', hold())).toMatchObject({ outcome: 'applied', text: '' });
    expect(await argv()).toEqual([
      'exec',
      '--in-download-dir',
      '--',
      'terraform',
      'apply',
      '-json',
      '-input=false',
      '-lock-timeout=5m',
      '-backup=-',
      planFile(),
    ]);
  });

  it('uses the tool that the operator names before any other', async () => {
    const tool = await terragrunt('exit 0', { TG_TF_PATH: '/opt/my-tofu' });
    await tool.apply(unit, planFile(), '5m', hold());
    expect((await argv())[3]).toBe('/opt/my-tofu');
  });

  it('reports what starts and what is done', async () => {
    const hook = (type: string, addr: string): string => JSON.stringify({ type, hook: { resource: { addr } } });
    const tool = await terragrunt(
      lines(
        VERSION,
        hook('apply_start', 'a.b'),
        hook('apply_progress', 'a.b'),
        hook('apply_complete', 'a.b'),
        hook('apply_start', 'c.d'),
        hook('apply_errored', 'c.d'),
      ),
      { TG_TF_PATH: 'tofu' },
    );
    const seen: [string, boolean][] = [];
    await tool.apply(unit, planFile(), '5m', { ...hold(), onProgress: (address, done) => seen.push([address, done]) });
    expect(seen).toEqual([
      ['a.b', false],
      ['a.b', true],
      ['c.d', false],
      ['c.d', true],
    ]);
  });

  it('that failed says why, and whether it had been interrupted', async () => {
    const tool = await terragrunt(`${lines(error('Saved plan is stale', 'The given plan file…'))}\nexit 1`, {
      TG_TF_PATH: 'tofu',
    });
    const run = await tool.apply(unit, planFile(), '5m', hold());
    expect(run).toMatchObject({ outcome: 'failed', text: 'Error: Saved plan is stale\n\nThe given plan file…' });
    expect(run.interrupted).toBeUndefined();
    expect(run.diagnostics.map(({ means }) => means)).toContain('plan-stale');
    const slow = await terragrunt(
      `trap 'exit 1' INT\n${lines(JSON.stringify({ type: 'apply_start', hook: { resource: { addr: 'a.b' } } }))}\nwhile :; do sleep 0.02; done`,
      { TG_TF_PATH: 'tofu' },
    );
    const controller = new AbortController();
    const stopped = await slow.apply(unit, planFile(), '5m', {
      ...hold(),
      interrupt: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(stopped).toMatchObject({ outcome: 'failed', interrupted: true });
  });
});

describe('show and state pull', () => {
  it('give the document, also between the lines of hooks', async () => {
    const tool = await terragrunt(lines('hook {before', '{"format_version":"1.2"}', 'after'));
    expect(await tool.show(unit, planFile())).toEqual({ format_version: '1.2' });
    expect(await argv()).toEqual(['show', '-json', planFile()]);
  });

  it('never quote what they cannot read', async () => {
    for (const body of [
      lines('{"secret":"canary'),
      `${lines('{"secret":"canary"}')}\necho "12:00:00.000 ERROR  token hvs.canarycanarycanarycanarycanary" >&2\nexit 1`,
      'exit 0',
    ]) {
      expect((await failure((await terragrunt(body)).show(unit, planFile()))).code).toMatch(
        /^terragrunt\.(bad-output|failed)$/,
      );
    }
  });

  it('count what a state manages, and tell no state from an empty one', async () => {
    const resources = [
      { mode: 'managed', instances: [{}, {}] },
      { mode: 'data', instances: [{}] },
      { mode: 'managed', instances: [{}] },
    ];
    const pull = async (body: string) => (await terragrunt(body)).statePull(unit);
    expect(await pull(lines(JSON.stringify({ serial: 7, lineage: 'l', resources })))).toEqual({
      serial: 7,
      lineage: 'l',
      resources: 3,
    });
    expect(await pull(lines('{"serial":8,"lineage":"l","resources":[]}'))).toEqual({
      serial: 8,
      lineage: 'l',
      resources: 0,
    });
    expect(await pull('echo')).toBeUndefined();
    expect((await failure(pull(lines('{"errors":["canary"]}')))).code).toBe('terragrunt.bad-output');
  });
});

describe('versions', () => {
  const tofu = (text: string): Promise<string> => addProgram(bench.bin, 'tofu', `#!/bin/sh\n${text}`);

  it.each([
    ['terragrunt version v1.0.0', '1.0.0'],
    ['terragrunt version 0.99.4', '0.99.4'],
    ['terragrunt version v1.2.0-rc1', '1.2.0-rc1'],
  ])('reads "%s"', async (said, version) => {
    await tofu('echo "OpenTofu v1.12.6\non linux_amd64"');
    expect(await (await terragrunt(`echo "${said}"`)).versions(unit.folder)).toEqual({
      terragrunt: version,
      tool: 'tofu',
      toolVersion: '1.12.6',
    });
  });

  it('prefers tofu, then terraform, unless the operator names one', async () => {
    await tofu('echo "OpenTofu v1.12.6"');
    await addProgram(
      bench.bin,
      'terraform',
      '#!/bin/sh\necho "Terraform v1.15.4\n\nYour version of Terraform is out of date!"',
    );
    expect((await (await terragrunt('echo v1.0.0')).versions(unit.folder)).tool).toBe('tofu');
    for (const name of ['TG_TF_PATH', 'TERRAGRUNT_TFPATH']) {
      expect(await (await terragrunt('echo v1.0.0', { [name]: 'terraform' })).versions(unit.folder)).toMatchObject({
        tool: 'terraform',
        toolVersion: '1.15.4',
      });
    }
    await tofu('exit 1');
    expect((await (await terragrunt('echo v1.0.0')).versions(unit.folder)).tool).toBe('terraform');
  });

  it('name what is not there', async () => {
    const all = { PATH: bench.bin, HOME: bench.folder };
    const none = makeTerragrunt({ processes: makeProcesses({ env: all }), env: all });
    expect(await failure(none.versions(unit.folder))).toMatchObject({ code: 'terragrunt.not-found', status: 'config' });
    const tool = await terragrunt('echo v1.0.0', { TG_TF_PATH: '/none/tofu' });
    expect((await failure(tool.versions(unit.folder))).code).toBe('terragrunt.tool-not-found');
  });

  it('recognise a TF_CLI_CONFIG_FILE that names a missing file, before and in a run', async () => {
    const warning =
      'Warning: Unable to open CLI configuration file\n\nThe CLI configuration file at "/root/.terraformrc" does not exist.';
    await tofu(`echo '${warning}'; echo "OpenTofu v1.12.6"`);
    const asked = await failure((await terragrunt('echo v1.0.0')).versions(unit.folder));
    expect(asked).toMatchObject({ code: 'terragrunt.cli-config-missing', status: 'config' });
    expect(asked.message).toContain('/root/.terraformrc');
    const text = `cat >&2 <<'END'\n12:00:00.000 ERROR  Unable to parse Terraform version output: \n${warning}\nOpenTofu v1.12.6\nEND\nexit 1`;
    expect((await failure((await terragrunt(text)).plan(unit, options()))).code).toBe('terragrunt.cli-config-missing');
    expect((await failure((await terragrunt(text)).init(unit))).code).toBe('terragrunt.cli-config-missing');
  });
});

describe('a held lock', () => {
  const held = (detail: string) => ({ severity: 'error' as const, summary: 'Error acquiring the state lock', detail });
  it.each([
    ['Error message: Workspace is already locked: default', true],
    ['Error message: Already locked for workspace creation: default', true],
    ['Error message: resource temporarily unavailable\nLock Info:\n  Who: bob@host', true],
    ['Error message: dial tcp 127.0.0.1:5432: connect: connection refused', false],
    ['Error message: pq: password authentication failed for user "tf"', false],
  ])('is told from a database that cannot be reached: %s', (detail, expected) => {
    expect(meaningOf(held(detail)) === 'lock-held').toBe(expected);
  });

  it('is no other diagnostic', () => {
    expect(meaningOf({ severity: 'error', summary: 'Something', detail: 'is locked' })).toBeUndefined();
    expect(meaningOf({ severity: 'warning', summary: 'Saved plan is stale', detail: '' })).toBeUndefined();
  });
});

it('runs init in the unit and hands its end over as a value', async () => {
  const tool = await terragrunt('echo out; exit 1');
  expect(await tool.init(unit)).toMatchObject({ exitCode: 1, stdout: 'out\n' });
  expect(await argv()).toEqual(['init', '-input=false']);
});
