import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../../src/lib/operation/journal.ts';
import type { JournalLine } from '../../../../src/lib/operation/journal-line.ts';
import { beyond, readConfirmed, toConfirm } from '../../../../src/lib/stacks/many/confirmed.ts';
import {
  findEarlierApply,
  halfApplied,
  newestOpen,
  stacksToResume,
} from '../../../../src/lib/stacks/many/earlier-apply.ts';
import { skipReason } from '../../../../src/lib/stacks/many/pipeline.ts';
import { isTransient } from '../../../../src/lib/stacks/run/transient.ts';
import type { Change } from '../../../../src/lib/stacks/stack.ts';

const change = (address: string, more: Partial<Change> = {}): Change => ({
  address,
  type: 'x',
  class: 'update',
  digest: address,
  namesUser: false,
  ...more,
});

describe('what was agreed to', () => {
  const agreed = toConfirm([
    change('a', { attributes: ['image', 'env'] }),
    change('b', { class: 'create' }),
    change('r', { class: 'read' }),
  ]);

  it('covers the same and less of it, through a journal too', () => {
    const [found] = readConfirmed(JSON.parse(JSON.stringify({ stacks: [{ stack: 's', changes: agreed }] }))).values();
    expect(
      beyond(found, [change('a', { attributes: ['image'], digest: 'other' }), change('r2', { class: 'read' })]),
    ).toEqual([]);
  });
  it.each([
    ['another object', change('c')],
    ['another class', change('b', { class: 'replace' })],
    ['another attribute', change('a', { attributes: ['image', 'replicas'] })],
  ])('does not cover %s', (_what, more) => expect(beyond(agreed, [more])).toEqual([more]));
  it('is nothing for a stack that nobody saw, and for what is no record of it', () => {
    expect(beyond(undefined, [change('a')])).toHaveLength(1);
    expect(readConfirmed({ stacks: [{ stack: 's', changes: [{ address: 1 }] }, 'x'] }).get('s')).toEqual([]);
    expect(readConfirmed(undefined).size).toBe(0);
  });
});

/** A journal of `stack apply`, from short lines: `step-applying stack a`. */
function record(
  id: string,
  stacks: readonly string[],
  lines: readonly string[],
  end?: string,
  operation = 'stack apply',
): RunRecord {
  const parsed = lines.map((text): JournalLine => {
    const [event = '', ...step] = text.split(' ');
    return { at: '', event: event as JournalLine['event'], ...(step.length === 0 ? {} : { step: step.join(' ') }) };
  });
  return {
    header: {
      id,
      operation,
      target: '',
      site: '/repo',
      inputs: { stacks },
      process: { pid: 1, startedAt: '', host: '' },
      version: '',
    },
    path: '',
    startedAt: '',
    lines: parsed,
    damaged: 0,
    end: end === undefined ? undefined : { at: '', status: end },
  };
}

describe('what earlier runs left open', () => {
  const killed = record('k', ['a', 'b'], ['step-applying stack a', 'step-applied stack a', 'step-applying stack b']);
  const settled = record('s', ['b', 'a'], ['run-resumed'], 'ok');

  it('is that of the same stacks in any order, until one ended well', () => {
    expect(findEarlierApply([killed], '/repo', ['b', 'a'])?.record.header.id).toBe('k');
    expect(findEarlierApply([killed], '/repo', ['a'])).toBeUndefined();
    expect(findEarlierApply([killed], '/other', ['a', 'b'])).toBeUndefined();
    expect(findEarlierApply([settled, killed], '/repo', ['a', 'b'])).toBeUndefined();
    expect(newestOpen([settled, record('x', ['c'], ['step-applying stack c'])], '/repo').header.id).toBe('x');
    expect(() => newestOpen([settled, killed], '/repo')).toThrow('left anything open');
  });
  it('names stacks whose state has to be brought home: begun, and no end of any later run', () => {
    expect([...halfApplied([killed], '/repo')]).toEqual(['b']);
    const added = record('u', [], ['step-applying stack b', 'step-applied stack b'], 'ok', 'user add');
    expect([...halfApplied([added, killed], '/repo')]).toEqual([]);
  });
  it('can be gone on with only where something is open, here, and readable', () => {
    expect(stacksToResume(killed, '/repo')).toEqual(['a', 'b']);
    expect(() => stacksToResume(settled, '/repo')).toThrow('nothing to go on with');
    expect(() => stacksToResume(killed, '/other')).toThrow('belongs to the repository');
    expect(() => stacksToResume({ ...killed, header: { ...killed.header, inputs: {} } }, '/repo')).toThrow(
      'does not hold',
    );
  });
});

describe('a pipeline', () => {
  const CI = { CI: 'woodpecker', CI_FORGE_URL: 'https://forge.example.com' };
  it.each([
    ['nothing outside of one', { CI_COMMIT_MESSAGE: '[ci skip]' }, undefined],
    ['a commit that says so', { ...CI, CI_COMMIT_MESSAGE: 'x [CI SKIP] y' }, 'the commit says'],
    ['the other spelling', { ...CI, CI_COMMIT_MESSAGE: '[skip ci]' }, 'the commit says'],
    [
      'not a run by hand of such a commit',
      { ...CI, CI_PIPELINE_EVENT: 'manual', CI_COMMIT_MESSAGE: '[ci skip]' },
      undefined,
    ],
    ['not its own forge', CI, undefined],
    ['another forge', { CI: 'true', CI_FORGE_URL: 'https://github.com' }, 'github.com'],
    ['another forge by the repository', { CI: 'true', CI_REPO_URL: 'https://github.com/o/r' }, 'github.com'],
    ['not a forge that is not told', { CI: 'true' }, undefined],
  ])('skips %s', (_what, env, reason) => {
    const found = skipReason(env, 'forge.example.com');
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(reason);
  });
  it('applies whatever its forge is when none is named', () => {
    expect(skipReason({ CI: 'true', CI_FORGE_URL: 'https://github.com' }, undefined)).toBeUndefined();
  });
});

describe('failures that may pass by themselves', () => {
  it.each([
    'Failed to install provider\nError while installing hashicorp/vault v4.5.0',
    'Get "https://api": net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
    'error reading from Vault: Error making API request.\n\nURL: GET …\nCode: 503. Errors:',
  ])('are known by their text: %s', (text) => expect(isTransient(text)).toBe(true));
  it.each([
    'error reading from Vault: Code: 403. Errors:',
    'cannot re-use a name that is still in use',
    'Unsupported argument',
    '',
  ])('are not taken for: %s', (text) => expect(isTransient(text)).toBe(false));
});
