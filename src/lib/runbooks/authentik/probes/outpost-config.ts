import type { Probe } from '../../../diagnosis/probe.ts';
import { maybe, record, text } from '../../evidence/shape.ts';
import { count, timeWords } from '../../words.ts';
import { askAuthentik } from '../evidence/api.ts';
import { validitySeconds } from '../judge/fill.ts';
import { EMBEDDED_OUTPOST } from '../names.ts';

export const CONFIG_ID = 'authentik.outpost.config';

/** What Authentik's own database says about outposts and sessions. */
export type OutpostConfig = {
  readonly outposts: readonly {
    readonly id: string;
    readonly name: string;
    readonly managed?: string;
    readonly logLevel?: string;
    readonly providers: number;
  }[];
  /** Validity of each proxy provider's sessions, as Authentik writes it: `hours=168`. */
  readonly validities: readonly { readonly provider: string; readonly validity: string }[];
};

/** What is configured where no repository shows it. */
export const outpostConfig: Probe<OutpostConfig> = {
  id: CONFIG_ID,
  title: 'outpost configuration',
  layer: 'outpost',
  kind: 'request',
  cost: '2 requests to the Authentik API',
  question: 'How are the outposts configured: who manages them, which log level, how long does a session live?',
  why: 'Outposts live in Authentik’s database, where no commit shows a change. Their "managed" decides where sessions are kept, their log level whether a fault is written at all.',
  byHand: (site) =>
    `curl -sS -H "Authorization: Bearer $AUTHENTIK_TOKEN" ${site.authentik.url.value ?? 'https://AUTHENTIK'}/api/v3/outposts/instances/`,
  healthy: 'Every outpost has providers and writes at info or below.',
  failures: [
    {
      code: 'outpost.log-level-hides',
      meaning: 'The log level is above warning: the outpost would not write what is wrong.',
    },
    { code: 'outpost.no-providers', meaning: 'An outpost serves no application: every host of it is unknown.' },
  ],

  async collect(ask) {
    const outposts = await askAuthentik(ask, '/outposts/instances/?page_size=100');
    const providers = await askAuthentik(ask, '/providers/proxy/?page_size=100');
    return {
      outposts: outposts
        .filter(({ type }) => type === undefined || type === 'proxy')
        .map((one) => ({
          id: text(one.pk) ?? '',
          name: text(one.name) ?? '',
          ...maybe('managed', text(one.managed)),
          ...maybe('logLevel', text(record(one.config).log_level)),
          providers: Array.isArray(one.providers) ? one.providers.length : 0,
        })),
      validities: providers.flatMap((one) => {
        const validity = text(one.access_token_validity);
        return validity === undefined ? [] : [{ provider: text(one.name) ?? '', validity }];
      }),
    };
  },

  judge({ outposts, validities }) {
    if (outposts.length === 0)
      return { verdict: 'UNKNOWN', reason: 'empty', detail: 'the API lists no outpost: may the token see them?' };
    const silent = outposts.filter(({ logLevel }) => logLevel === 'error' || logLevel === 'critical');
    const idle = outposts.filter(({ providers }) => providers === 0);
    const longest = Math.max(0, ...validities.map(({ validity }) => validitySeconds(validity) ?? 0));
    const parts = [
      ...outposts.map(({ name, managed }) => `${name}${managed === EMBEDDED_OUTPOST ? ' (managed)' : ''}`),
      ...(longest > 0 ? [`sessions live ${timeWords(longest)}`] : []),
    ];
    const problems = [
      ...silent.map(({ name, logLevel }) => `${name} writes at ${logLevel} only, which hides every warning`),
      ...idle.map(({ name }) => `${name} has no provider`),
    ];
    if (problems.length === 0)
      return { verdict: 'PASS', detail: `${count(outposts.length, 'outpost')}: ${parts.join(', ')}` };
    return {
      verdict: 'WARN',
      detail: problems.join('; '),
      observations: [
        ...silent.map(({ name }) => ({ code: 'outpost.log-level-hides', subject: name })),
        ...idle.map(({ name }) => ({ code: 'outpost.no-providers', subject: name })),
      ],
    };
  },
};
