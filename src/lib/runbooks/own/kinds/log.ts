import type { Json } from '../../../diagnosis/json.ts';
import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';
import { containersOf, coverageOf } from './pods.ts';

const LIMIT_BYTES = 16 * 1024 * 1024;
const SAMPLE = 500;

/** `{lines, matches: {NAME: {count, last}}, asked, of}`: over `asked` of the `of` containers of the pods. */
export const log: Kind<KindOptions<'log'>> = {
  kind: 'passive',
  cost: '1 list of pods, a log stream a container',
  needs: ({ namespace }) => [
    { verb: 'list', group: '', resource: 'pods', namespace },
    { verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace },
  ],
  async collect(options, ask) {
    const kubernetes = await ask.client('kubernetes');
    const patterns = Object.entries(options.patterns).map(([name, source]) => [name, new RegExp(source, 'i')] as const);
    const found = new Map(patterns.map(([name]) => [name, { count: 0, last: null as string | null }]));
    const { asked, of } = await containersOf(options, ask);
    let lines = 0;
    for (const { pod, container } of asked) {
      const request = { namespace: options.namespace, pod, container, previous: options.previous };
      const window = { sinceSeconds: options.since, limitBytes: LIMIT_BYTES, signal: ask.signal };
      for await (const line of kubernetes.logs({ ...request, ...window })) {
        lines += 1;
        for (const [name, pattern] of patterns) {
          const match = found.get(name);
          if (match === undefined || !pattern.test(line)) continue;
          match.count += 1;
          match.last = line.slice(0, SAMPLE);
        }
      }
    }
    return { lines, matches: Object.fromEntries(found), asked: asked.length, of } as Json;
  },
  coverage: coverageOf,
};
