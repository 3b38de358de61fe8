import { connect } from 'node:net';
import { expect } from 'vitest';
import type { Web } from '../../src/lib/clients/web/client.ts';
import { InfraError } from '../../src/lib/errors.ts';
import { failsWith } from './vault-case.ts';

/** What a server of a case does with a request. */
export type WebScript =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string | readonly string[]>>;
      readonly body?: string;
    }
  | 'close'
  | 'silent'
  | 'half'
  | 'not-http';

/** What a case gets: a server for `*.sandbox.test`, one that is the same without TLS, and what each saw. */
export type WebCaseEnv = {
  readonly web: Web;
  /** A client that knows the server's authority from NODE_EXTRA_CA_CERTS. */
  readonly trusting: Web;
  readonly ca: string;
  /** `127.0.0.1:port` over TLS, and in the clear. */
  readonly secure: string;
  readonly plain: string;
  /** A port where nothing listens. */
  readonly closed: string;
  readonly play: (script: WebScript) => void;
  readonly seen: { readonly url: string; readonly headers: Readonly<Record<string, string | string[] | undefined>> }[];
};

export type WebCase = { readonly name: string; run(env: WebCaseEnv): Promise<void> };

const HOST = 'https://terminal.sandbox.test';

/** GETs as a visitor sends them. */
export const webCases: readonly WebCase[] = [
  {
    name: 'an answer: status, headers, start of the body, and an honest name',
    async run({ web, plain, play, seen }) {
      play({ status: 200, headers: { 'X-Shown': 'yes' }, body: 'hello' });
      const answer = await web.get({ url: `http://${plain}/a?b=c`, timeoutMs: 20_000, headers: { 'X-Asked': 'this' } });
      expect(answer).toMatchObject({ status: 200, headers: { 'x-shown': 'yes' }, setCookie: [], body: 'hello' });
      expect(answer).toMatchObject({ bodyCut: false, ms: expect.any(Number) });
      expect(answer.tls).toBeUndefined();
      expect(seen[0]).toMatchObject({ url: '/a?b=c', headers: { 'x-asked': 'this', host: plain } });
      expect(seen[0]?.headers['user-agent']).toMatch(/^infra\/\S+ \(diagnosis\)$/);
      expect(seen[0]?.headers.cookie).toBeUndefined();
    },
  },
  {
    name: 'through a tunnel: the name of the URL in the handshake and in the request, whatever is at the other end',
    async run({ trusting, secure, play, seen }) {
      play({ status: 200, body: 'inside' });
      const [host = '', port = ''] = secure.split(':');
      const open = async () => connect(Number(port), host);
      const answer = await trusting.get({ url: `${HOST}/x`, tunnel: { by: 'a pod', open }, timeoutMs: 20_000 });
      expect(answer).toMatchObject({ status: 200, body: 'inside', tls: { authorized: true } });
      expect(seen[0]).toMatchObject({ url: '/x', headers: { host: 'terminal.sandbox.test' } });
    },
  },
  {
    name: 'a tunnel that cannot be opened, or ends at once, is the error, and says where it led',
    async run({ web, closed }) {
      const refused = new InfraError('kubernetes.denied', 'denied', 'pods/portforward is forbidden.');
      const tunnel = { by: 'a pod', open: () => Promise.reject(refused) };
      await expect(web.get({ url: HOST, tunnel, timeoutMs: 20_000 })).rejects.toBe(refused);
      const [host = '', port = ''] = closed.split(':');
      const broken = { by: 'a pod', open: async () => connect(Number(port), host) };
      const error = await failsWith(web.get({ url: HOST, tunnel: broken, timeoutMs: 20_000 }), 'web.unreachable');
      expect(error.message).toContain('by a pod');
    },
  },
  {
    name: 'redirects and errors of the server are values, and every cookie is kept apart',
    async run({ web, plain, play, seen }) {
      const setCookie = ['a=1; Path=/', 'b=2, 3; HttpOnly'];
      for (const status of [302, 400, 401, 403, 404, 429, 431, 500, 502, 530]) {
        play({ status, headers: { location: '/elsewhere', 'set-cookie': setCookie } });
        const answer = await web.get({ url: `http://${plain}/`, timeoutMs: 20_000 });
        expect(answer).toMatchObject({ status, setCookie, headers: { location: '/elsewhere' } });
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      expect(seen).toHaveLength(10);
    },
  },
  {
    name: 'another address is dialled with the host and the TLS name of the URL',
    async run({ trusting, secure, play, seen }) {
      play({ status: 204 });
      const answer = await trusting.get({ url: `${HOST}/`, connectTo: secure, timeoutMs: 20_000 });
      expect(seen[0]?.headers.host).toBe('terminal.sandbox.test');
      expect(answer.tls).toMatchObject({ authorized: true, notAfter: expect.stringMatching(/^2\d{3}-.*Z$/) });
      expect(answer.tls?.subjectAltNames).toContain('*.sandbox.test');
      expect(answer.tls?.reason).toBeUndefined();
    },
  },
  {
    name: 'a certificate that cannot be trusted is seen, and the answer comes all the same',
    async run({ web, secure, ca, play }) {
      play({ status: 302 });
      const stranger = await web.get({ url: `${HOST}/`, connectTo: secure, timeoutMs: 20_000 });
      expect(stranger).toMatchObject({
        status: 302,
        tls: { authorized: false, reason: expect.stringMatching(/^[A-Z_]+$/) },
      });
      const other = await web.get({ url: 'https://other.test/', connectTo: secure, timeoutMs: 20_000, ca });
      expect(other.tls).toMatchObject({ authorized: false, reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      const right = await web.get({ url: `${HOST}/`, connectTo: secure, timeoutMs: 20_000, ca });
      expect(right.tls).toMatchObject({ authorized: true });
    },
  },
  {
    name: 'a long body is cut and not fetched to its end',
    async run({ web, plain, play }) {
      play({ status: 200, body: 'x'.repeat(3_000_000) });
      const answer = await web.get({ url: `http://${plain}/`, timeoutMs: 20_000, maxBodyBytes: 1000 });
      expect(answer).toMatchObject({ status: 200, bodyCut: true, body: 'x'.repeat(1000) });
    },
  },
  {
    name: 'no answer, an answer that never ends, a lost connection and something else than HTTP are four failures',
    async run({ web, plain, closed, play }) {
      const get = (url: string): Promise<unknown> => web.get({ url, timeoutMs: 400 });
      await failsWith(get(`http://${closed}/`), 'web.unreachable');
      play('close');
      await failsWith(get(`http://${plain}/`), 'web.unreachable');
      play('silent');
      await failsWith(get(`http://${plain}/`), 'web.timeout');
      play('half');
      await failsWith(get(`http://${plain}/`), 'web.timeout');
      play('not-http');
      await failsWith(get(`http://${plain}/`), 'web.malformed');
      play({ status: 200 });
      await failsWith(get(`https://${plain}/`), 'web.tls');
    },
  },
  {
    name: 'a message names host and address, and never what was asked',
    async run({ web, closed }) {
      const work = web.get({ url: `${HOST}/cb?code=canary-code`, connectTo: closed, timeoutMs: 400 });
      const { message } = await failsWith(work, 'web.unreachable');
      expect(message).toContain(`${HOST}/cb by ${closed}`);
      expect(message).not.toContain('canary-code');
    },
  },
  {
    name: 'credentials are not sent',
    async run({ web, plain, seen }) {
      const headers = { Authorization: 'Bearer canary' };
      await expect(web.get({ url: `http://${plain}/`, timeoutMs: 400, headers })).rejects.toThrow('not for a request');
      await failsWith(web.get({ url: 'http://me:canary@127.0.0.1/', timeoutMs: 400 }), 'web.bad-address');
      expect(seen).toEqual([]);
    },
  },
  {
    name: 'only this machine is dialled where nothing else may be',
    async run({ web, secure, play }) {
      await failsWith(web.get({ url: 'https://192.0.2.1/', timeoutMs: 400 }), 'network.not-loopback');
      await failsWith(web.get({ url: `${HOST}/`, connectTo: '192.0.2.1:443', timeoutMs: 400 }), 'network.not-loopback');
      play({ status: 200 });
      expect(await web.get({ url: `${HOST}/`, connectTo: secure, timeoutMs: 20_000 })).toMatchObject({ status: 200 });
    },
  },
  {
    name: 'what is aborted ends as aborted',
    async run({ web, plain, play }) {
      play('silent');
      const stop = new AbortController();
      const work = web.get({ url: `http://${plain}/`, timeoutMs: 60_000, signal: stop.signal });
      stop.abort(new Error('stopped by the test'));
      await expect(work).rejects.toThrow('stopped by the test');
    },
  },
];
