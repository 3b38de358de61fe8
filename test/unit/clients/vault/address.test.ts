import { describe, expect, test } from 'vitest';
import { encodePath, kvApiPath, parseAddress } from '../../../../src/lib/clients/vault/address.ts';
import { json, startServer } from '../http/loopback-server.ts';
import { failureOf, testVault } from './make-test-vault.ts';

describe('paths', () => {
  test.each([
    ['secret/platform', 'secret/platform'],
    ['auth/oidc/role/a b', 'auth/oidc/role/a%20b'],
    ['secret/a?version=1', 'secret/a%3Fversion%3D1'],
    ['secret/a#b', 'secret/a%23b'],
    ['secret/%2e%2e/x', 'secret/%252e%252e/x'],
    ['secret/&#x2F;x', 'secret/%26%23x2F%3Bx'],
    ['secret/größe', 'secret/gr%C3%B6%C3%9Fe'],
    ['secret/a\\..\\b', 'secret/a%5C..%5Cb'],
  ])('%s becomes %s', (path, encoded) => {
    expect(encodePath(path)).toBe(encoded);
  });

  test.each([
    '',
    '/',
    '/secret',
    'secret/',
    'secret//x',
    '..',
    'secret/../sys/mounts',
    'secret/./x',
    'a\nb',
    'a\u0000',
    'a\u007f',
    'a\ud800',
  ])('%j is refused', (path) => {
    expect(() => encodePath(path)).toThrow(expect.objectContaining({ code: 'vault.bad-path', exitStatus: 65 }));
  });

  test('a folder may end in a slash, but in one only', () => {
    expect(encodePath('secret/metadata/team/', true)).toBe('secret/metadata/team');
    expect(() => encodePath('secret/metadata/team//', true)).toThrow();
  });

  test('the first segment is the mount, and a mount alone is no secret', () => {
    expect(kvApiPath('secret/a/b', 'data')).toBe('secret/data/a/b');
    expect(kvApiPath('secret', 'metadata', true)).toBe('secret/metadata');
    expect(() => kvApiPath('secret', 'data')).toThrow(expect.objectContaining({ code: 'vault.bad-path' }));
    expect(() => kvApiPath('secret/', 'data')).toThrow(expect.objectContaining({ code: 'vault.bad-path' }));
  });

  test('a path that climbs out never reaches the server', async () => {
    const server = await startServer((response) => json(response, 200, {}));
    const { vault } = testVault(server.url);
    await failureOf(vault.kvRead('secret/../../sys/mounts'));
    await failureOf(vault.read('secret/data/../../sys/mounts'));
    await failureOf(vault.write('', {}));
    await failureOf(vault.kvPut('secret/', {}, 0));
    expect(server.seen).toEqual([]);
  });

  test('a name with a question mark arrives as a name', async () => {
    const server = await startServer((response) => json(response, 404, { errors: [] }));
    await testVault(server.url).vault.kvRead('secret/a?version=1');
    expect(server.seen[0]?.url).toBe('/v1/secret/data/a%3Fversion%3D1');
  });
});

describe('addresses', () => {
  test.each([undefined, '', '  '])('%j is no address', (address) => {
    expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'vault.no-address', exitStatus: 78 }));
  });

  test.each([
    'vault.example.com',
    'ftp://vault',
    'unix:///run/vault.sock',
    'https://a:hunter2@vault',
    'https://vault/?x=1',
    'https://vault/#x',
  ])('%s is refused without being quoted', (address) => {
    expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'vault.bad-address' }));
    expect(() => parseAddress(address)).not.toThrow(/hunter2/);
  });
});
