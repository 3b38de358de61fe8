import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished, test } from 'vitest';
import { makeWeb } from '../../src/lib/clients/web/live.ts';
import { EDGE_AUTHORITY, EDGE_CERTIFICATE, EDGE_KEY } from '../../src/sandbox/edge/certificate.ts';
import { type WebCaseEnv, type WebScript, webCases } from './web-cases.ts';

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Nobody listens there, and no program is ever given that port by chance. */
const CLOSED = '127.0.0.1:1';

async function startEnv(): Promise<WebCaseEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-web-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, EDGE_AUTHORITY);
  const seen: WebCaseEnv['seen'] = [];
  const state: { script: WebScript } = { script: { status: 200 } };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    const { script } = state;
    if (script === 'close') request.socket.destroy();
    else if (script === 'half') response.writeHead(200).write('the first half');
    else if (script === 'not-http') request.socket.end('220 mail.example.com ESMTP\r\n');
    else if (script !== 'silent')
      response.writeHead(script.status, { ...script.headers } as never).end(script.body ?? '');
  };
  const servers = [createServer(answer), createTlsServer({ cert: EDGE_CERTIFICATE, key: EDGE_KEY }, answer)] as const;
  const [plain, secure] = await Promise.all([listening(servers[0]), listening(servers[1])]);
  onTestFinished(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await rm(folder, { recursive: true });
  });
  const shared = { version: '0.0.0', loopbackOnly: true };
  return {
    web: makeWeb({ ...shared, env: {} }),
    trusting: makeWeb({ ...shared, env: { NODE_EXTRA_CA_CERTS: caFile } }),
    ca: EDGE_AUTHORITY,
    plain,
    secure,
    closed: CLOSED,
    play: (script) => {
      state.script = script;
    },
    seen,
  };
}

describe('web client', () => {
  for (const each of webCases) test(each.name, async () => each.run(await startEnv()));
});
