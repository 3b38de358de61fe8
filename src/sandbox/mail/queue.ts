import type { ExecAnswer } from '../kubernetes/exec.ts';

/** One message in a queue. `to` says why a recipient still waits, where it was tried. */
export type QueuedMail = {
  readonly queue: 'active' | 'incoming' | 'deferred' | 'hold' | 'maildrop';
  readonly id: string;
  readonly minutesAgo: number;
  readonly size?: number;
  readonly from: string;
  readonly to: Readonly<Record<string, string | undefined>>;
};

/** A server's queue: its messages, what is printed instead, or Postfix not running. */
export type QueueWorld = readonly QueuedMail[] | { readonly printed: string } | 'down';

/** What `postqueue -j` prints, as Postfix 3.7 does: a line a message, and nothing for an empty queue. */
export function queueListing(world: QueueWorld, now: Date): string {
  if (world === 'down') return '';
  if ('printed' in world) return world.printed;
  return world
    .map(({ queue, id, minutesAgo, size = 2048, from, to }) => {
      const recipients = Object.entries(to).map(([address, reason]) => ({
        address,
        ...(reason === undefined ? {} : { delay_reason: reason }),
      }));
      const entry = {
        queue_name: queue,
        queue_id: id,
        arrival_time: Math.floor(now.getTime() / 1000) - minutesAgo * 60,
        message_size: size,
        forced_expire: false,
        sender: from,
        recipients,
      };
      return `${JSON.stringify(entry)}\n`;
    })
    .join('');
}

/** What root is told where Postfix does not run; the queue is listed all the same. */
const DOWN = 'postqueue: warning: Mail system is down -- accessing queue directly\n';

/** `postqueue -j` in the pod. */
export function queueExec(world: QueueWorld): readonly Pick<ExecAnswer, 'command' | 'run'>[] {
  return [
    {
      command: ['postqueue', '-j'],
      run: () => ({
        stdout: queueListing(world, new Date()),
        stderr: world === 'down' ? DOWN : '',
        exitCode: 0,
      }),
    },
  ];
}
