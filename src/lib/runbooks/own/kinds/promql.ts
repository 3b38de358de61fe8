import { notConfigured } from '../../../diagnosis/no-answer.ts';
import { queryPrometheus } from '../../prometheus/query.ts';
import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';

/** `{samples: [{labels, value}]}`; an empty list is an answer: there is no such series. */
export const promql: Kind<KindOptions<'promql'>> = {
  kind: 'passive',
  cost: '1 query to Prometheus',
  needs: () => [],
  async collect({ query }, { client, site }) {
    const { value: url } = site.prometheus.url;
    if (url === undefined) throw notConfigured('prometheus.url');
    const samples = await queryPrometheus(await client('http'), url, query);
    return { samples: samples.map(({ labels, value }) => ({ labels: { ...labels }, value })) };
  },
};
