import { describe, expect, it } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { discover } from '../../../src/lib/site/discovery.ts';
import { readDocument } from '../../../src/lib/site/document.ts';
import { lineDiff } from '../../../src/lib/site/line-diff.ts';
import { proposeSite } from '../../../src/lib/site/propose.ts';
import { REPOSITORY, tree } from './tree.ts';

describe('a proposed infra.yaml', () => {
  it('is valid, holds what was found, and says where each value came from', async () => {
    const discovered = await discover(makeFiles(), await tree(REPOSITORY), 'scripts/tg');
    const text = proposeSite({
      discovered,
      env: {},
      dir: 'stacks',
      stackCount: 6,
      readers: ['vault', 'rbac'],
      shape: 'extracted',
    });
    const read = readDocument(Buffer.from(text));
    expect(read.violations).toEqual([]);
    expect(read.unknownKeys).toEqual([]);
    expect(read.document).toMatchObject({
      vault: { address: 'https://vault.example.com' },
      stacks: { pgAddress: '10.0.0.5:5432/terraform_state' },
    });
    expect(text).toContain('  # terragrunt.hcl:12\n  address: https://vault.example.com');
    expect(text).toContain('# apply: [vault, rbac]');
  });

  it('stays valid when its comments are taken away: they are what one would type', async () => {
    const discovered = await discover(makeFiles(), await tree(REPOSITORY), 'scripts/tg');
    const text = proposeSite({
      discovered,
      env: {},
      dir: 'stacks',
      stackCount: 6,
      readers: ['vault'],
      shape: undefined,
    });
    const uncommented = text.replace(
      /^( *)# ((?:authentik|prometheus|users):|(?:guards|tier0|apply): .*| {2}(?:url|token): .*)$/gm,
      '$1$2',
    );
    const read = readDocument(Buffer.from(uncommented));
    expect([...read.violations, ...read.unknownKeys]).toEqual([]);
    expect(read.document?.stacks?.tier0?.stacks).toEqual(['infra', 'platform', 'vault']);
    expect(read.document?.users?.apply).toEqual(['vault']);
    expect(read.document?.authentik?.token).toEqual({ vault: 'secret/authentik#api_token' });
  });

  it('of a repository that says nothing takes VAULT_ADDR and stays valid', async () => {
    const discovered = await discover(makeFiles(), await tree(), 'scripts/tg');
    const text = proposeSite({
      discovered,
      env: { VAULT_ADDR: 'http://127.0.0.1:8200' },
      dir: 'stacks',
      stackCount: 0,
      readers: [],
      shape: undefined,
    });
    expect(readDocument(Buffer.from(text)).document?.vault?.address).toBe('http://127.0.0.1:8200');
  });
});

describe('a line diff', () => {
  it('keeps what is common and gives both texts back', () => {
    const before = 'a\nb\nc\nd';
    const after = 'a\nx\nc\nd\ne';
    const diff = lineDiff(before, after);
    expect(diff.map(({ sign, text }) => sign + text)).toEqual([' a', '-b', '+x', ' c', ' d', '+e']);
  });
});
