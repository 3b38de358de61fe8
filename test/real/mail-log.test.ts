/**
 * What Debian's Postfix, Dovecot and HAProxy write when mail goes well and when it does not. The lines that parsers are
 * tested with, test/fixtures/mail-log, come from here: INFRA_CAPTURE=1 writes them anew.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { published } from './harness/mail/published.ts';
import { BROKEN, SCENES } from './harness/mail/scenes.ts';
import { type MailServers, startMailServers } from './harness/mail/servers.ts';
import { mailSkipReason } from './harness/mail/tools.ts';

const reason = mailSkipReason('mail-log.test.ts', 'servers');

const FIXTURES = join(import.meta.dirname, '../fixtures/mail-log');

describe.skipIf(reason !== undefined)('a week of a mail server', { timeout: 600_000 }, () => {
  let mail: MailServers;
  const queue: { list?: string; json?: string; state?: string } = {};
  beforeAll(async () => {
    mail = await startMailServers();
  }, 600_000);
  afterAll(() => mail?.stop());

  const logs = async () => ({
    postfix: await mail.postfix.log(),
    dovecot: await mail.dovecot.log(),
    haproxy: await mail.balancer.log(),
  });

  test.each([...SCENES, ...BROKEN])('$name', async (scene) => {
    const before = await logs();
    await scene.play(mail);
    const after = await logs();
    for (const program of ['postfix', 'dovecot', 'haproxy'] as const)
      for (const wanted of scene[program] ?? []) expect(after[program].slice(before[program].length)).toMatch(wanted);
    if (/^mail for others/.test(scene.name)) {
      queue.list = (await mail.postfix.command('postqueue', '-p')).stdout;
      queue.json = (await mail.postfix.command('postqueue', '-j')).stdout;
      queue.state = await mail.balancer.tell('show servers state');
    }
  });

  test('its lines are those that parsers are tested with', async () => {
    const files = {
      'postfix.log': (await logs()).postfix,
      'dovecot.log': (await logs()).dovecot,
      'haproxy.log': (await logs()).haproxy,
      'postqueue.txt': queue.list ?? '',
      'postqueue.jsonl': queue.json ?? '',
      'servers-state.txt': queue.state ?? '',
    };
    if (process.env.INFRA_CAPTURE === '1') await mkdir(FIXTURES, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      const shown = published(text, mail);
      expect(shown).not.toMatch(/\/tmp\/|infra-real|-password/);
      if (process.env.INFRA_CAPTURE === '1') await writeFile(join(FIXTURES, name), shown);
      const kept = await readFile(join(FIXTURES, name), 'utf8');
      if (name.endsWith('.log')) expect(kept.trim().split('\n').length).toBeGreaterThanOrEqual(100);
      expect(programsIn(shown)).toEqual(programsIn(kept));
    }
  });
});

/** They speak by the clock: error(8) gets what was found undeliverable a moment ago, the others report now and then. */
const BY_THE_CLOCK: ReadonlySet<string> = new Set(['mail postfix/error', 'anvil', 'config', 'stats']);

/** The programs that a log is by: `postfix/smtpd`, `imap-login` and so on. */
function programsIn(log: string): readonly string[] {
  const found = new Set(log.match(/(?<=^\w{3} [\d ]\d [\d:]{8} )(?:mail )?[\w/-]+/gm) ?? []);
  return [...found].filter((program) => !BY_THE_CLOCK.has(program)).sort();
}
