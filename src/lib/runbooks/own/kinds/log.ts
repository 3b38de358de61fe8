import type { Json } from '../../../diagnosis/json.ts';
import { bothEnds, type LogCut, stampOf } from '../../../diagnosis/logs/both-ends.ts';
import { InfraError } from '../../../errors.ts';
import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';
import { containersOf, coverageOf } from './pods.ts';

const LIMIT_BYTES = 16 * 1024 * 1024;
const SAMPLE = 500;

/**
 * `{lines, matches: {NAME: {count, last}}, cut, asked, of}`: over `asked` of the `of` containers of the pods. `cut`: those
 * of which only the beginning and the newest lines were read. Errors: `runbook.log-end.partial` (69) when the newest lines
 * of one could not be.
 */
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
    const cut: string[] = [];
    for (const { pod, container } of asked) {
      const request = { namespace: options.namespace, pod, container, previous: options.previous };
      const window = { sinceSeconds: options.since, limitBytes: LIMIT_BYTES, timestamps: true, signal: ask.signal };
      const onCut = ({ unread }: LogCut): void => {
        if (unread !== undefined) throw endUnread(`${pod}/${container}`, unread);
        cut.push(`${pod}/${container}`);
      };
      for await (const stamped of bothEnds(kubernetes, { ...request, ...window }, onCut)) {
        // The runtime's time is for the reader; patterns are about what the program wrote.
        const line = stamped.slice(lengthOfStamp(stamped));
        lines += 1;
        for (const [name, pattern] of patterns) {
          const match = found.get(name);
          if (match === undefined || !pattern.test(line)) continue;
          match.count += 1;
          match.last = line.slice(0, SAMPLE);
        }
      }
    }
    return { lines, matches: Object.fromEntries(found), cut, asked: asked.length, of } as Json;
  },
  coverage: coverageOf,
};

function lengthOfStamp(line: string): number {
  const stamp = stampOf(line);
  return stamp === undefined ? 0 : stamp.length + 1;
}

/** No rule may judge a log whose newest lines are not there. */
function endUnread(source: string, why: string): InfraError {
  const message = `${source} writes more than 16 MiB in the time asked for, and its newest lines could not be read (${why}).`;
  return new InfraError('runbook.log-end.partial', 'unavailable', message);
}
