import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';

/** What the server side of a connection can do. */
export type Wire = {
  send(text: string): void;
  /** The next line, or undefined when the client has gone. */
  line(): Promise<string | undefined>;
  /** Takes the first bytes as they are, `count` at most, without waiting longer than `ms`. */
  start(count: number, ms: number): Promise<Buffer>;
  secure(certificate: Certificate): Wire;
  end(): void;
  readonly commands: string[];
};

export type Certificate = { readonly cert: string; readonly key: string };

/** A certificate is read once, however many connections show it. */
const CONTEXTS = new Map<string, SecureContext>();

function contextOf({ cert, key }: Certificate): SecureContext {
  const context = CONTEXTS.get(cert) ?? createSecureContext({ cert, key });
  CONTEXTS.set(cert, context);
  return context;
}

/** Lines over a socket; `commands` fills with what came. */
export function wireOn(socket: Socket, commands: string[] = []): Wire {
  const state = { rest: Buffer.alloc(0), over: false, wake: undefined as (() => void) | undefined };
  const onData = (chunk: Buffer): void => {
    state.rest = Buffer.concat([state.rest, chunk]);
    state.wake?.();
  };
  const onEnd = (): void => {
    state.over = true;
    state.wake?.();
  };
  socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd);
  const more = (ms?: number): Promise<boolean> =>
    new Promise((resolve) => {
      if (state.over) return resolve(false);
      const timer = ms === undefined ? undefined : setTimeout(() => done(false), ms);
      const done = (isMore: boolean): void => {
        clearTimeout(timer);
        state.wake = undefined;
        resolve(isMore);
      };
      state.wake = () => done(!state.over);
    });
  return {
    commands,
    send: (text) => {
      if (!socket.destroyed) socket.write(text);
    },
    async line() {
      for (;;) {
        const at = state.rest.indexOf('\n');
        if (at >= 0) {
          const line = state.rest.subarray(0, at).toString('latin1').replace(/\r$/, '');
          state.rest = state.rest.subarray(at + 1);
          commands.push(line);
          return line;
        }
        if (!(await more())) return undefined;
      }
    },
    async start(count, ms) {
      while (state.rest.length < count) if (!(await more(ms))) break;
      const taken = state.rest.subarray(0, count);
      state.rest = state.rest.subarray(taken.length);
      return taken;
    },
    secure: ({ cert, key }) => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd);
      // A greeting of TLS that came together with a PROXY header.
      socket.pause();
      if (state.rest.length > 0) socket.unshift(state.rest);
      return wireOn(new TLSSocket(socket, { isServer: true, secureContext: contextOf({ cert, key }) }), commands);
    },
    end: () => {
      socket.end();
    },
  };
}
