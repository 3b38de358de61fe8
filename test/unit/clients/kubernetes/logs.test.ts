import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientOf, failure, serve, statusBody } from './rig.ts';

const WEB = { namespace: 'team', pod: 'web' };
async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('logs', () => {
  it('gives lines and asks for exactly what was wanted, zero included', async () => {
    const rig = await serve((_request, response) => response.end('one\r\ntwo\n\nthree'));
    const request = {
      ...WEB,
      container: 'app',
      previous: true,
      sinceSeconds: 900,
      tailLines: 0,
      limitBytes: 100,
      timestamps: true,
    };
    expect(await collect((await clientOf(rig)).logs(request))).toEqual(['one', 'two', '', 'three']);
    expect(rig.seen[0]?.url).toBe(
      '/api/v1/namespaces/team/pods/web/log?container=app&previous=true&sinceSeconds=900&tailLines=0&limitBytes=100&timestamps=true',
    );
  });

  it('tell how much arrived, line ends and all', async () => {
    const rig = await serve((_request, response) => response.end('one\r\nzwölf\n'));
    let bytes = 0;
    const onBytes = (count: number): void => {
      bytes += count;
    };
    await collect((await clientOf(rig)).logs({ ...WEB, onBytes }));
    expect(bytes).toBe(12);
  });

  it.each([
    [404, 'NotFound', 'pods "web" not found', 'kubernetes.failed'],
    [400, 'BadRequest', 'container "app" in pod "web" is waiting to start: ContainerCreating', 'kubernetes.failed'],
    [403, 'Forbidden', 'pods "web" is forbidden: cannot get resource "pods/log"', 'kubernetes.denied'],
    [401, 'Unauthorized', 'Unauthorized', 'kubernetes.unauthorized'],
  ])('says what a %d said', async (status, reason, message, code) => {
    const rig = await serve((_request, response) =>
      response.writeHead(status).end(statusBody(status, reason, message)),
    );
    const error = await failure(collect((await clientOf(rig)).logs(WEB)));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it('that break off are an error after the lines that came, never an end', async () => {
    const rig = await serve((_request, response) => {
      response.write('one\ntwo\nhal', () => response.destroy());
    });
    const got: string[] = [];
    const reading = (async () => {
      for await (const line of (await clientOf(rig)).logs(WEB)) got.push(line);
    })();
    const error = await failure(reading);
    expect([error.code, error.message]).toEqual(['kubernetes.unreachable', expect.stringContaining('after 2 lines')]);
    expect(got).toEqual(['one', 'two']);
  });

  it('that fall silent are a timeout, but not when they are followed', async () => {
    let open: ServerResponse | undefined;
    const rig = await serve((_request, response) => {
      open = response;
      response.write('one\n');
    });
    expect((await failure(collect((await clientOf(rig, { timeoutMs: 200 })).logs(WEB)))).code).toBe(
      'kubernetes.timeout',
    );
    const following = collect((await clientOf(rig, { timeoutMs: 200 })).logs({ ...WEB, follow: true }));
    setTimeout(() => open?.end('late\n'), 500); // Longer than the timeout: the pause is what is tested.
    expect(await following).toEqual(['one', 'late']);
  });

  it('stop at once when aborted, with the reason, before and between lines', async () => {
    const rig = await serve((_request, response) => response.write('one\n'));
    const controller = new AbortController();
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const _line of (await clientOf(rig)).logs({ ...WEB, follow: true, signal: controller.signal }))
        controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    await expect(collect((await clientOf(rig)).logs({ ...WEB, signal: controller.signal }))).rejects.toBe(reason);
  });

  it('are read only as fast as lines are taken, and closed when the reader leaves', async () => {
    let sent = 0;
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const block = `${'x'.repeat(1023)}\n`.repeat(64);
    const rig = await serve((_request, response) => {
      response.on('close', closed);
      const more = (): void => {
        while (sent < 200 * 1024 * 1024 && !response.destroyed) {
          sent += block.length;
          if (!response.write(block)) return void response.once('drain', more);
        }
      };
      more();
    });
    let taken = 0;
    for await (const line of (await clientOf(rig)).logs(WEB)) {
      taken += line.length + 1;
      if (taken >= 1024 * 1024) break;
    }
    await gone;
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('with one endless line use a bounded memory', async () => {
    const rig = await serve((_request, response) => {
      let left = 40;
      const more = (): void => {
        if (left-- > 0) response.write('y'.repeat(1024 * 1024), more);
        else response.end('\nshort\n');
      };
      more();
    });
    const lines = await collect((await clientOf(rig)).logs(WEB));
    expect(lines.map((line) => line.length > 1024 * 1024)).toEqual([true, false]);
    expect(lines[0]?.length).toBeLessThan(1024 * 1024 + 100);
    expect(lines[1]).toBe('short');
  });
});
