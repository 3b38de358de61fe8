import { expect, test } from 'vitest';
import { faultsOf } from '../../../src/lib/diagnosis/faults.ts';
import { partOf, proseOf } from '../../../src/lib/diagnosis/prose.ts';
import { runbookMarkdown, runbookText } from '../../../src/lib/render/runbook.ts';
import { makeStyle } from '../../../src/lib/render/style.ts';
import { fakeSite } from '../../fakes/site.ts';
import { door } from '../../fixtures/diagnose-cli/door.ts';
import { tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

const prose = proseOf(door, fakeSite());

test('a runbook reads as prose, each id a heading with its anchor', () => {
  const markdown = runbookMarkdown(prose);
  expect(markdown.match(/^#.*/gm)).toEqual([
    '# The door',
    '## Questions, in order',
    ...door.probes.map(({ id }) => `### ${id}`),
    '## Causes',
    '### door.lock.jammed',
  ]);
  for (const id of [...door.probes.map((probe) => probe.id), 'door.lock.jammed'])
    expect(markdown).toContain(`<a id="${id.replaceAll('.', '-')}"></a>`);
  expect(markdown).toContain('```sh\ncat house/lock\n```');
  expect(markdown).toContain(
    '`door.lock.jammed`: The key is stuck. It is evidence of [door.lock.jammed](#door-lock-jammed).',
  );
  expect(markdown).toContain('- **now** break it open (destroys the door; signs out nobody)');
  expect(markdown.indexOf('oil the key')).toBeLessThan(markdown.indexOf('break it open'));
});

test('every link in it leads somewhere', () => {
  const markdown = runbookMarkdown(prose);
  const anchors = [...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, anchor]) => anchor);
  for (const [, target] of markdown.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(target);
});

test('a part is found by its anchor, its id or the end of either', () => {
  const part = (anchor: string) => {
    const found = partOf(prose, anchor);
    return found === undefined ? undefined : [...found.questions, ...found.causes].map((one) => one.anchor);
  };
  expect(part('door-lock-jammed')).toEqual(['door-lock-jammed']);
  expect(part('door.lock.key')).toEqual(['door-lock-key']);
  expect(part('jammed')).toEqual(['door-lock-jammed']);
  expect(part('open')).toBeUndefined();
  expect(part('ammed')).toBeUndefined();
});

test('on a terminal it is wrapped text, commands whole', () => {
  const text = runbookText(makeStyle({ colorLevel: 0, unicode: true, width: 50 }), prose);
  expect(text).not.toMatch(/[`*]|<a |\]\(#/);
  const wide = text.split('\n').filter((line) => line.length > 50);
  expect(wide).toEqual(['    infra diagnose door --only outside --wait 2m'].filter((line) => line.length > 50));
  expect(text).toContain('    cat house/lock');
});

test('what is wrong with a runbook is told before anybody needs it', () => {
  expect(faultsOf(tinyRunbook([tinyProbe('tiny.a.fine')]))).toEqual([]);
  const cause = { code: 'tiny.a.fine', layer: 'z', title: '', explains: ['x'], remedies: () => [] };
  const faults = faultsOf(
    tinyRunbook(
      [
        tinyProbe('tiny.a.fine', { dependsOn: ['tiny.b.other'] }),
        tinyProbe('tiny.b.other', { dependsOn: ['tiny.a.fine'], considers: ['tiny.c.none'] }),
        tinyProbe('other'),
      ],
      { causes: [cause] },
    ),
  );
  expect(faults).toEqual([
    'tiny-a-fine names two things',
    'tiny.b.other needs tiny.c.none, which does not exist',
    'other is not tiny.layer.thing',
    'tiny.a.fine depends on itself',
    'tiny.b.other depends on itself',
    'tiny.a.fine is in the layer z, which is not listed',
    'no probe lists tiny.a.fine among its failures',
    'tiny.a.fine explains x, which nothing observes',
    'tiny.a.fine has no remedy',
  ]);
});
