import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Prompt } from '../../../../src/lib/clients/prompt/client.ts';
import { makePrompt } from '../../../../src/lib/clients/prompt/live.ts';

/** A terminal: keys go in, the screen is what was written so far. */
function terminal(isTTY = true): {
  prompt: Prompt;
  input: PassThrough;
  screen: () => string;
  type: (keys: string) => void;
  stop: () => void;
} {
  const input = Object.assign(new PassThrough(), { isTTY });
  // As on stderr: a pipe into it does not end it.
  const output = Object.assign(new PassThrough(), { isTTY, end: () => undefined });
  const controller = new AbortController();
  let screen = '';
  output.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const prompt = makePrompt({ input, output, signal: controller.signal });
  return { prompt, input, screen: () => screen, type: (keys) => input.write(keys), stop: () => controller.abort() };
}

/** Waits until the screen shows a text; the test's time limit is the end of patience. */
async function shows(screen: () => string, text: string): Promise<void> {
  while (!screen().includes(text)) await new Promise((resolve) => setImmediate(resolve));
}

describe('at a terminal', () => {
  test.each([
    ['y\r', true],
    ['n\r', false],
    ['\r', false],
  ])('%j to a yes-or-no question is %s', async (keys, expected) => {
    const { prompt, screen, type } = terminal();
    expect(prompt.available).toBe(true);
    const asking = prompt.confirm('Apply?');
    await shows(screen, 'Apply?');
    type(keys);
    expect(await asking).toBe(expected);
  });

  test('text is asked again until it is right', async () => {
    const { prompt, screen, type } = terminal();
    const asking = prompt.input('E-mail', (answer) =>
      answer.includes('@') ? undefined : 'An e-mail address has an @.',
    );
    await shows(screen, 'E-mail');
    type('alice\r');
    await shows(screen, 'has an @');
    type('@example.com\r');
    expect(await asking).toBe('alice@example.com');
  });

  test('a choice gives its value', async () => {
    const { prompt, screen, type } = terminal();
    const asking = prompt.select('Role', [
      { value: 'admin', name: 'Administrator' },
      { value: 'namespace-owner', name: 'Owner of namespaces' },
    ]);
    await shows(screen, 'Owner of namespaces');
    type('\u001b[B\r');
    expect(await asking).toBe('namespace-owner');
  });

  test('several questions one after the other work on the same streams', async () => {
    const { prompt, screen, type, input } = terminal();
    for (const name of ['one', 'two', 'three']) {
      const asking = prompt.input(`Question ${name}`);
      await shows(screen, `Question ${name}`);
      type(`${name}\r`);
      expect(await asking).toBe(name);
    }
    expect(input.listenerCount('pause')).toBe(0);
    expect(input.listenerCount('close')).toBeLessThanOrEqual(1);
  });

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s ends the question with status 130', async (_name, keys) => {
    const { prompt, screen, type } = terminal();
    const asking = prompt.confirm('Apply?');
    await shows(screen, 'Apply?');
    type(keys);
    await expect(asking).rejects.toMatchObject({ code: 'prompt.interrupted', exitStatus: 130 });
  });

  test('the end of the input ends the question', async () => {
    const { prompt, screen, input } = terminal();
    const asking = prompt.input('Name');
    await shows(screen, 'Name');
    input.end();
    await expect(asking).rejects.toMatchObject({ code: 'prompt.interrupted' });
  });

  test('a withdrawn question ends', async () => {
    const { prompt, screen, stop } = terminal();
    const asking = prompt.confirm('Apply?');
    await shows(screen, 'Apply?');
    stop();
    await expect(asking).rejects.toMatchObject({ code: 'prompt.interrupted' });
  });
});

test('without a terminal nothing is asked, and nothing waits', async () => {
  const { prompt, screen } = terminal(false);
  expect(prompt.available).toBe(false);
  await expect(prompt.confirm('Apply?')).rejects.toMatchObject({ code: 'prompt.unavailable', exitStatus: 4 });
  await expect(prompt.input('Name')).rejects.toMatchObject({ code: 'prompt.unavailable' });
  expect(screen()).toBe('');
});
