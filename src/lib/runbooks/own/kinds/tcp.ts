import { isInfraError } from '../../../errors.ts';
import type { KindOptions } from '../schema.ts';
import type { Kind } from './kind.ts';

/** `{open, refused, ms}`. That a port refuses is an answer; that nobody answers is none. */
export const tcp: Kind<KindOptions<'tcp'>> = {
  kind: 'request',
  cost: '1 connection',
  needs: () => [],
  async collect({ host, port }, { client, signal }) {
    const [sockets, clock] = [await client('sockets'), await client('clock')];
    const began = clock.monotonic();
    try {
      const connection = await sockets.connect({ host, port, timeoutMs: 5000, signal });
      connection.close();
      return { open: true, refused: false, ms: Math.round(clock.monotonic() - began) };
    } catch (error) {
      if (!isInfraError(error) || error.code !== 'sockets.refused') throw error;
      return { open: false, refused: true, ms: Math.round(clock.monotonic() - began) };
    }
  },
};
