import { Flags } from '@oclif/core';
import { InfraError } from '../errors.ts';
import type { Selection } from '../mail/cells.ts';
import { HOPS, type Hop } from '../mail/hops.ts';
import { PROTOCOLS, portsOf, SPEECH } from '../mail/ports.ts';
import type { MailProtocol, Site } from '../site/site.ts';
import { nearest } from './suggest.ts';

/** What to ask, and from where. */
export const mailFlags = {
  hop: Flags.option({ options: HOPS, multiple: true })({
    description: 'Only these hops; may be given several times. Default: all.',
    helpValue: 'HOP',
  }),
  port: Flags.string({
    description: 'Only these ports: smtp, smtps, submission, imaps or their numbers. Default: all.',
    helpValue: 'PORT',
    multiple: true,
  }),
  from: Flags.string({
    description: 'Connect from this host, by ssh: a name in hosts, a node of the pool, or what ssh knows.',
    helpValue: 'VANTAGE',
  }),
  deep: Flags.boolean({
    description: 'Every node of the pool, and that PROXY listeners drop who sends no header; slower, paced.',
    default: false,
  }),
  'dry-run': Flags.boolean({ description: 'List each connection and question; send none.', default: false }),
  watch: Flags.boolean({ description: 'Ask again every minute until Ctrl-C, and print what it says.', default: false }),
};

/** The values of `mailFlags`. */
export type MailFlags = {
  readonly hop?: readonly Hop[] | undefined;
  readonly port?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly deep: boolean;
  readonly 'dry-run': boolean;
};

/** What the flags choose. Errors: `usage.unknown-port` (64). */
export function selectionOf(site: Site, flags: Pick<MailFlags, 'hop' | 'port' | 'deep'>): Selection {
  const wanted = new Set((flags.port ?? []).map((word) => protocolOf(site, word)));
  return {
    hops: flags.hop === undefined || flags.hop.length === 0 ? HOPS : HOPS.filter((hop) => flags.hop?.includes(hop)),
    protocols: wanted.size === 0 ? PROTOCOLS : PROTOCOLS.filter((each) => wanted.has(each)),
    deep: flags.deep,
  };
}

function protocolOf(site: Site, word: string): MailProtocol {
  const ports = portsOf(site);
  const found = PROTOCOLS.find(
    (each) => each === word || String(ports[each]?.port) === word || String(SPEECH[each].standard) === word,
  );
  if (found !== undefined) return found;
  const meant = nearest(word, PROTOCOLS).map((name) => `Did you mean ${name}?`);
  const known = PROTOCOLS.map((each) => `${each} ${ports[each]?.port ?? ''}`.trim()).join(', ');
  throw new InfraError('usage.unknown-port', 'usage', `There is no mail port "${word}".`, {
    hints: meant.length > 0 ? meant : [`There are ${known}.`],
  });
}

/** `--watch` prints again and again, which one document cannot hold. Errors: `usage.watch-json` (64). */
export function assertWatchable(isJson: boolean): void {
  if (!isJson) return;
  throw new InfraError('usage.watch-json', 'usage', '--watch prints many answers, --json prints one.', {
    hints: ['Leave one of them out.'],
  });
}
