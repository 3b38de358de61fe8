import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { json, startServer } from '../http/loopback-server.ts';

const PROGRAM = `
import { makeVault } from './src/lib/clients/vault/live.ts';
import { makeFiles } from './src/lib/clients/files/live.ts';
import { makeClock } from './src/lib/clients/clock/live.ts';
const vault = makeVault({
  address: process.argv[1], env: { VAULT_TOKEN: 'hvs.canary-token' }, home: '', files: makeFiles(), clock: makeClock(),
  trustedAddress: true, loopbackOnly: true,
});
console.log(await vault.kvPut('secret/x', { password: 'canary-value' }, 0));
`;

test('DEBUG=* and NODE_DEBUG print neither the token nor what is written', async () => {
  const server = await startServer((response) => json(response, 200, { data: { version: 5 } }));
  const env = { PATH: process.env.PATH, DEBUG: '*', NODE_DEBUG: 'axios' };
  const args = ['--input-type=module', '--eval', PROGRAM, server.url];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout.trim()).toBe('5');
  expect(server.seen[0]?.headers['x-vault-token']).toBe('hvs.canary-token');
  expect(stdout + stderr).not.toContain('canary');
});
