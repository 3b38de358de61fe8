import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { targetOf } from '../../../../src/lib/clients/postgres/address.ts';
import { Secret } from '../../../../src/lib/secrets/secret.ts';
import { temporaryFolder } from '../../stacks/support/tree.ts';

const target = (text: string) => targetOf(new Secret(text));

describe('a connection string', () => {
  test('is read part by part, escapes undone; what is shown holds no credentials', () => {
    expect(target('postgres://u%40x:p%3A%2F@db.example.com:6000/state%20s?sslmode=disable')).toEqual({
      host: 'db.example.com',
      port: 6000,
      database: 'state s',
      user: 'u@x',
      password: 'p:/',
      ssl: false,
      plainIsFine: true,
      shown: 'db.example.com:6000/state s',
    });
  });

  test('has the defaults of libpq: port 5432, the database of the user’s name', () => {
    expect(target('postgresql://tf@[::1]?sslmode=disable')).toMatchObject({ host: '::1', port: 5432, database: 'tf' });
  });

  test('without an sslmode the server has to prove who it is', () => {
    expect(target('postgres://u@db/d')).toMatchObject({ ssl: { servername: 'db' }, plainIsFine: false });
    expect(target('postgres://u@db/d').ssl).not.toHaveProperty('rejectUnauthorized');
  });

  test.each([
    ['disable', false, true],
    ['allow', false, true],
    ['prefer', { rejectUnauthorized: false }, true],
    ['require', { rejectUnauthorized: false }, false],
    ['verify-full', { servername: 'db' }, false],
  ])('sslmode %s means what it means to libpq', (mode, ssl, plainIsFine) => {
    expect(target(`postgres://u@db/d?sslmode=${mode}`)).toMatchObject({ ssl, plainIsFine });
  });

  test('with a root certificate, `require` and `verify-ca` verify the chain and not the name', async () => {
    const file = join(await temporaryFolder(), 'root.crt');
    writeFileSync(file, 'a certificate');
    for (const mode of ['require', 'verify-ca']) {
      const { ssl } = target(`postgres://u@db/d?sslmode=${mode}&sslrootcert=${encodeURIComponent(file)}`);
      expect(ssl).toMatchObject({ ca: 'a certificate', checkServerIdentity: expect.any(Function) });
      expect(ssl).not.toHaveProperty('rejectUnauthorized');
    }
  });

  test.each([
    ['postgres://u:canary@db/d?sslmode=nonsense', 'sslmode'],
    ['postgres://u:canary@db/d?sslrootcert=/nonexistent', '/nonexistent'],
    ['mysql://u:canary@db/d', 'of the form'],
    ['user=u password=canary host=db', 'of the form'],
  ])('%s is refused, and not quoted', (text, why) => {
    expect(() => target(text)).toThrow(why);
    expect(() => target(text)).not.toThrow('canary');
  });
});
