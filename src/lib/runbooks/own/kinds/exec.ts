import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';
import { containersOf, coverageOf } from './pods.ts';

/** `{runs: [{pod, container, exitCode, stdout, stderr}], asked, of}`: a run in `asked` of the `of` containers of the pods. */
export const exec: Kind<KindOptions<'exec'>> = {
  kind: 'exec',
  cost: '1 list of pods, a program that only reads in each',
  needs: ({ namespace }) => [
    { verb: 'list', group: '', resource: 'pods', namespace },
    // The WebSocket upgrade is a GET, authorised as `get`; newer servers ask for `create` too.
    { verb: 'get', group: '', resource: 'pods', subresource: 'exec', namespace },
    { verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace },
  ],
  async collect(options, ask) {
    const kubernetes = await ask.client('kubernetes');
    const { asked, of } = await containersOf(options, ask);
    const runs = await Promise.all(
      asked.map(async ({ pod, container }) => {
        const command = [...options.command];
        const { exitCode, stdout, stderr } = await kubernetes.exec(options.namespace, pod, container, command, {
          timeoutMs: 8000,
        });
        return { pod, container, exitCode, stdout, stderr };
      }),
    );
    return { runs, asked: asked.length, of };
  },
  coverage: coverageOf,
};
