import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * `sops` that really transforms: base64 under the metadata of a binary file. It refuses while a file `sealed` stands in
 * its folder, as the real one does when Vault is sealed and no age key is there.
 */
const SOPS = `
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const args = process.argv.slice(2);
const file = args.at(-1);
const here = dirname(process.argv[1]);
if (existsSync(join(here, 'sealed'))) {
  console.error('Error encrypting the data key with one or more master keys: Code: 503. Vault is sealed');
  process.exit(128);
}
if (args.includes('--decrypt')) {
  const { data } = JSON.parse(readFileSync(file, 'utf8'));
  process.stdout.write(Buffer.from(data, 'base64').toString());
} else {
  const text = readFileSync(file, 'utf8');
  const damaged = existsSync(join(here, 'damage')) ? text.replace('"serial":', '"serial":9') : text;
  const sops = { age: [{ recipient: 'age1test' }], lastmodified: String(process.hrtime.bigint()) };
  process.stdout.write(JSON.stringify({ data: Buffer.from(damaged).toString('base64'), sops }));
}
`;

/**
 * \`terragrunt\` of one unit with a local state. behaviour.json in the unit: {"fail": true} fails after writing state,
 * {"seal": PATH} creates a file while applying, {"wait": PATH} waits for a file, {"none": true} plans no changes,
 * {"elsewhere": true} writes no state.
 */
const TERRAGRUNT = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
const words = process.argv.slice(2);
// \`exec --in-download-dir -- tofu apply …\` is how a plan file is applied without extra arguments of the repository.
const [verb, ...args] = words[0] === 'exec' ? words.slice(words.indexOf('--') + 2) : words;
const unit = process.cwd();
const root = dirname(dirname(unit));
const state = join(root, 'state/stacks', basename(unit), 'terraform.tfstate');
const behaviour = existsSync('behaviour.json') ? JSON.parse(readFileSync('behaviour.json', 'utf8')) : {};
const read = () => (existsSync(state) ? JSON.parse(readFileSync(state, 'utf8')) : { serial: 0, lineage: 'lineage-' + basename(unit), resources: [] });
const say = (line) => console.log(JSON.stringify(line));
appendFileSync(join(root, 'calls.log'), JSON.stringify({ verb, args, app: process.env.PGAPPNAME, pg: process.env.PG_CONN_STR === undefined ? 'none' : 'set' }) + '\\n');
const fail = (summary, detail) => {
  say({ type: 'diagnostic', diagnostic: { severity: 'error', summary, detail } });
  process.exit(1);
};
if (behaviour.locked) fail('Error acquiring the state lock', 'Error message: Workspace is already locked: default');
if (verb === 'plan') {
  if (behaviour.planFails) fail('Missing map element', 'This map does not have an element with the key "x".');
  const out = args.find((arg) => arg.startsWith('-out=')).slice(5);
  const { serial, resources } = read();
  const none = behaviour.none === true;
  const managed = resources.map(() => ({ mode: 'managed' }));
  const resource_changes = none ? [] : [{ address: 'x.y["alice"]', mode: 'managed', type: 'x', change: { actions: ['create'], before: null, after: {}, after_unknown: {} } }];
  const module = (list) => ({ root_module: { resources: list } });
  writeFileSync(out, JSON.stringify({ serial, format_version: '1.2', resource_changes, prior_state: { values: module(managed) }, planned_values: module(none ? managed : [...managed, { mode: 'managed' }]) }));
  process.exit(none ? 0 : 2);
} else if (verb === 'show') {
  process.stdout.write(readFileSync(args.at(-1), 'utf8'));
} else if (verb === 'apply') {
  let interrupts = 0;
  process.on('SIGINT', () => { interrupts += 1; });
  const plan = JSON.parse(readFileSync(args.at(-1), 'utf8'));
  const before = read();
  if (before.serial !== plan.serial) fail('Saved plan is stale', 'The given plan file can no longer be applied.');
  writeFileSync(join(unit, 'applying'), '');
  while (behaviour.wait && !existsSync(behaviour.wait) && interrupts === 0) await new Promise((done) => setTimeout(done, 20));
  mkdirSync(dirname(state), { recursive: true });
  const resources = [...before.resources, { mode: 'managed', type: 'x', name: 'canary-state-content' }];
  if (!behaviour.elsewhere) writeFileSync(state, JSON.stringify({ version: 4, serial: before.serial + 1, lineage: before.lineage, resources }));
  if (behaviour.seal) writeFileSync(behaviour.seal, '');
  if (interrupts > 0) fail('execution halted', 'interrupts: ' + interrupts);
  if (behaviour.fail) fail('Provider produced an error', 'namespaces "alice" already exists');
  process.exit(0);
}
`;

/** What terragrunt would call. It is here so that no test finds, or misses, one that is installed on this machine. */
const TOFU = `console.log('OpenTofu v1.12.6');`;

/** Writes the programs into a folder for PATH and returns it. */
export async function writePrograms(root: string): Promise<string> {
  const folder = join(root, 'bin');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries({ sops: SOPS, terragrunt: TERRAGRUNT, tofu: TOFU })) {
    await writeFile(join(folder, `${name}.mjs`), text);
    await writeFile(
      join(folder, name),
      `#!/bin/sh\nexec "${process.execPath}" "${join(folder, `${name}.mjs`)}" "$@"\n`,
    );
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}
