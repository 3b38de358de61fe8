import { expect, test } from 'vitest';
import { byHand, sameCommand } from '../../../../src/lib/users/add/left-over.ts';
import type { AddRequest } from '../../../../src/lib/users/add/request.ts';
import { fakeSite } from '../../../fakes/site.ts';

const request = (more: Partial<AddRequest['user']['entry']> = {}, flags: Partial<AddRequest> = {}): AddRequest => ({
  user: {
    name: 'alice',
    entry: { role: 'namespace-owner', email: 'a@example.com', namespaces: ['alice'], domains: [], quota: {}, ...more },
  },
  noApply: false,
  dryRun: false,
  yes: false,
  allowUnrelated: false,
  noBaseline: false,
  restartPortal: false,
  confirmEmail: undefined,
  ...flags,
});

test('the command that goes on is the one that was typed', () => {
  expect(sameCommand(request())).toBe('infra user add alice --email a@example.com');
  expect(sameCommand(request({ namespaces: ['x', 'y'], domains: ['app'], quota: { pods: '5' } }))).toBe(
    'infra user add alice --email a@example.com --namespace x --namespace y --domain app --quota pods=5',
  );
  expect(sameCommand(request({ role: 'admin', namespaces: [] }))).toBe(
    'infra user add alice --email a@example.com --role admin',
  );
  expect(sameCommand(request({}, { restartPortal: true, confirmEmail: 'a@example.com' }))).toBe(
    'infra user add alice --email a@example.com --confirm a@example.com --restart-portal',
  );
});

test('without an Authentik token its groups are named for a person to add', () => {
  const list = byHand(fakeSite(), request(), []);
  expect(list.some((line) => line.startsWith('Authentik: add a@example.com to kubernetes-namespace-owners'))).toBe(
    true,
  );
  expect(list.some((line) => line.includes('rollout restart'))).toBe(true);
});

test('a run that ends after the edit leaves the Authentik groups to do, token or not', () => {
  const authentik = { url: 'https://authentik.example.com', token: { env: 'AUTHENTIK_TOKEN' } };
  const list = (flags: Partial<AddRequest>) => byHand(fakeSite('/repository', { authentik }), request({}, flags), []);
  expect(list({ noApply: true })[0]).toContain('Authentik: add a@example.com to kubernetes-namespace-owners');
  expect(list({}).join()).not.toContain('Authentik');
});

test('what was done is not left to do', () => {
  const list = byHand(fakeSite(), request({}, { restartPortal: true }), []);
  expect(list.some((line) => line.includes('rollout restart'))).toBe(false);
});
