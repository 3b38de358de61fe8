import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fillTemplate, onboardingValues } from '../../../src/lib/render/user-onboarding.ts';
import { ROLES } from '../../../src/lib/users/entry.ts';
import { fakeSite } from '../../fakes/site.ts';
import { alice } from './facts-for-tests.ts';

const template = (role: string): string =>
  readFileSync(join(import.meta.dirname, '../../../templates/onboarding', `${role}.md`), 'utf8');

test.each(ROLES)('the template of %s can be filled with everything known and with nothing known', (role) => {
  const known = fakeSite('/repository', {
    authentik: { url: 'https://auth.example.com' },
    users: { forgejo: { url: 'https://git.example.com' } },
    vault: { address: 'https://vault.example.com' },
  });
  for (const site of [fakeSite(), known]) {
    const user = alice({ role, domains: ['shop'], namespaces: ['alice', 'alice-lab'] });
    const text = fillTemplate(template(role), onboardingValues(user, site));
    expect(text).not.toMatch(/[{}]|undefined/);
    expect(text).toContain('alice@example.com');
  }
  const owner = fillTemplate(template('namespace-owner'), onboardingValues(alice(), known));
  expect(owner).toContain('https://vault.example.com');
  expect(owner).not.toContain('Names that lead to the platform');
});

test('a name without a value is a defect that is seen', () => {
  expect(() => fillTemplate('{{nobody}}', {})).toThrow('{{nobody}}');
});
