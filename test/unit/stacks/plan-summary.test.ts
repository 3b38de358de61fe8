import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInfraError } from '../../../src/lib/errors.ts';
import { summarisePlan } from '../../../src/lib/stacks/plan/plan-summary.ts';
import type { User } from '../../../src/lib/users/entry.ts';

const alice: User = {
  name: 'alice',
  entry: { role: 'namespace-owner', email: 'alice@example.com', namespaces: ['alice'], domains: [], quota: {} },
};

async function recorded(name: string, user?: User) {
  const text = await readFile(new URL(`../../fixtures/plans/${name}.json`, import.meta.url), 'utf8');
  return summarisePlan(JSON.parse(text), user);
}

/** A plan with one update of one shared attribute. */
function update(before: unknown, after: unknown, unknown: unknown = {}) {
  return {
    format_version: '1.2',
    resource_changes: [
      {
        address: 'x.shared',
        mode: 'managed',
        type: 'x',
        change: { actions: ['update'], before: { v: before }, after: { v: after }, after_unknown: unknown },
      },
    ],
  };
}

const namesAlice = (before: unknown, after: unknown, unknown?: unknown): boolean | undefined =>
  summarisePlan(update(before, after, unknown), alice).changes[0]?.namesUser;

describe('plan summary of plans recorded with a real OpenTofu', () => {
  it('counts a delete, a replace and a forget as what they are, with reasons and paths', async () => {
    const summary = await recorded('destroying');
    expect(
      summary.changes.map(({ address, class: kind, reason, replacePaths }) => [address, kind, reason, replacePaths]),
    ).toEqual([
      ['terraform_data.gone', 'delete', 'delete_because_no_resource_config', undefined],
      ['terraform_data.left', 'forget', 'delete_because_no_resource_config', undefined],
      ['terraform_data.replaced', 'replace', 'replace_because_cannot_update', ['triggers_replace']],
    ]);
    expect(summary.counts).toMatchObject({ delete: 1, forget: 1, replace: 1, create: 0 });
    expect(summary.priorResources).toBe(3);
    expect(JSON.stringify(summary)).not.toContain('canary-before');
  });

  it('sees moves, imports and output-only changes, which the text summary counts as nothing', async () => {
    expect((await recorded('moved')).changes).toMatchObject([
      { class: 'move', address: 'terraform_data.new', previousAddress: 'terraform_data.old' },
    ]);
    expect((await recorded('imported')).changes).toMatchObject([{ class: 'import', address: 'terraform_data.x' }]);
    expect((await recorded('output-only')).changes).toMatchObject([{ class: 'output', address: 'output.names' }]);
    expect((await recorded('output-only')).applyable).toBe(true);
  });

  it('finds nothing in a plan without changes', async () => {
    const summary = await recorded('no-changes');
    expect(summary).toMatchObject({ changes: [], applyable: false, priorResources: 1, plannedResources: 1 });
  });

  it('says of a plan file that failed half-way that it cannot be applied', async () => {
    expect((await recorded('errored')).applyable).toBe(false);
  });

  it('knows that every change of a user being added is about that user: keys, comma list, JSON, Helm values, rollout', async () => {
    const changes = (await recorded('user-added', alice)).changes;
    expect(changes.map(({ address, class: kind, namesUser }) => [address, kind, namesUser])).toEqual([
      ['terraform_data.admins', 'update', true],
      ['terraform_data.chart', 'update', true],
      ['terraform_data.namespace["alice"]', 'create', true],
      ['terraform_data.portal', 'update', true],
      ['terraform_data.rollout', 'update', true],
    ]);
    const carol = {
      ...alice,
      name: 'carol',
      entry: { ...alice.entry, email: 'carol@example.com', namespaces: ['carol'] },
    };
    expect((await recorded('user-added', carol)).changes.some((change) => change.namesUser)).toBe(false);
  });
});

describe('what a change of a shared object is about', () => {
  it.each([
    ['a comma list', 'viktor,bob', 'viktor,bob,alice'],
    ['a list', ['viktor'], ['alice', 'viktor']],
    [
      'a JSON document by e-mail',
      '{"b@x":{"role":"admin"}}',
      '{\n "alice@example.com": {"role":"x"},\n "b@x":{"role":"admin"}}',
    ],
    ['YAML in a list, as Helm values are', ['a: 1\nenv:\n  ADMIN: "v"\n'], ['a: 1\nenv:\n  ADMIN: "v,alice"\n']],
    [
      'lines of a configuration',
      'map $x $y {\n  default "";\n}',
      'map $x $y {\n  default "";\n  "alice@example.com" "Bearer z";\n}',
    ],
    ['a list of objects', [{ name: 'bob' }], [{ name: 'bob' }, { name: 'x', email: 'alice@example.com' }]],
    ['a map', { bob: 1 }, { bob: 1, alice: 2 }],
    ['a nested list of a named member', [{ name: 'g', members: ['bob'] }], [{ name: 'g', members: ['bob', 'alice'] }]],
  ])('is the user when only the user is added to %s', (_, before, after) => {
    expect(namesAlice(before, after)).toBe(true);
  });

  it.each([
    ['somebody else is added too', 'viktor', 'viktor,alice,mallory'],
    ['somebody else is removed', 'viktor,bob', 'viktor,alice'],
    ['a name merely contains the user', 'viktor', 'viktor,alice2'],
    ['another value changes too', { n: 1, l: ['b'] }, { n: 2, l: ['b', 'alice'] }],
    ['another YAML value changes too', 'tag: v1\nADMIN: "v"\n', 'tag: v2\nADMIN: "v,alice"\n'],
    ['the user is removed', 'viktor,alice', 'viktor'],
    ['others are removed from a list', ['viktor', 'bob', 'carol'], ['viktor', 'alice']],
    ['a line without the user is added', 'a b\nc d', 'a b\nc d\n"alice" x;\nproxy_pass evil;'],
    ['a type changes', 'x', ['x', 'alice']],
  ])('is not the user when %s', (_, before, after) => {
    expect(namesAlice(before, after)).toBe(false);
  });

  it('does not take a value known after the apply, or a checksum alone, for the user', () => {
    expect(namesAlice('x', undefined, { v: true })).toBe(false);
    expect(namesAlice('a'.repeat(64), 'b'.repeat(64))).toBe(false);
  });

  it('gives every sort of differing values a foreign digest or the user, and none when nothing differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const same = summarisePlan(update(before, before), alice).changes[0];
        expect(same?.foreign).toEqual([]);
        expect(same?.namesUser).toBe(false);
        const change = summarisePlan(update(before, after), alice).changes[0];
        expect(JSON.stringify(change)).toBeDefined();
      }),
    );
  });

  it('never holds a value of the plan', () => {
    const summary = JSON.stringify(summarisePlan(update('canary-old', 'canary-new'), alice));
    expect(summary).not.toContain('canary');
  });
});

describe('plans that cannot be read', () => {
  it.each([
    [
      'an unknown action',
      { format_version: '1.2', resource_changes: [{ address: 'a.b', type: 'a', change: { actions: ['explode'] } }] },
      /explode.*a\.b/,
    ],
    ['another format', { format_version: '2.0' }, /format_version/],
    ['no document', 'text', /the document/],
  ])('are an error, never an empty plan: %s', (_, document, message) => {
    let caught: unknown;
    try {
      summarisePlan(document);
    } catch (error) {
      caught = error;
    }
    expect(isInfraError(caught, 'stack.plan-unreadable')).toBe(true);
    expect(String(caught)).toMatch(message);
  });
});
