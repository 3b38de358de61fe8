import type { LogLine } from '../../kubernetes/logs.ts';
import { cnpgLine, goLine, line, moments, pgbouncerLine, pythonLine, rustLine, timeAt } from './lines.ts';
import type { Outpost, PodScene, Scene } from './scene.ts';
import { request } from './traffic.ts';

/** Somebody who comes back from logging in to an outpost that does not know the session. */
export function sessionLost(scene: Scene, outpost: Outpost, ago: number, host: string): LogLine[] {
  const random = scene.random.of(`lost ${ago}`);
  const id = (): string => `canary-session-${random.text(20)}`;
  return [
    goLine(scene, ago, 'warning', 'mismatched session ID', { is: id(), should: id(), name: 'Domain wide catch all' }),
    goLine(scene, ago - 0.01, 'warning', 'invalid state', { name: 'Domain wide catch all' }),
    request(scene, outpost, ago - 0.02, host, 400, '/outpost.goauthentik.io/callback'),
  ];
}

/** A visitor of a host that this outpost has no application for. */
export function noApp(scene: Scene, outpost: Outpost, ago: number, host: string): LogLine[] {
  const path = '/outpost.goauthentik.io/auth/traefik';
  if (outpost.writer === 'go') {
    return [
      goLine(scene, ago, 'warning', 'no app for hostname', { host, logger: 'authentik.outpost.proxyv2' }),
      request(scene, outpost, ago - 0.01, host, 400),
    ];
  }
  const source = { file: 'src/outpost/proxy/handlers.rs', line: 61, target: 'authentik::outpost::proxy::handlers' };
  const span = { host, method: 'GET', path, remote: '10.244.3.9' };
  return [
    rustLine(scene, ago, 'warn', source, { event: 'no app for hostname' }, span),
    request(scene, outpost, ago - 0.01, host, 400),
  ];
}

/** A server whose front is up and whose core is not. */
export function coreDown(scene: Scene, pod: PodScene): LogLine[] {
  const random = scene.random.of(`core ${pod.name}`);
  const source = { file: 'packages/ak-axum/src/error.rs', line: 27, target: 'authentik_axum::error' };
  const err =
    '\n   0: \u001b[91mclient error (Connect)\u001b[0m\n   1: \u001b[91mNo such file or directory (os error 2)\u001b[0m';
  return moments(random, 40, 600).flatMap((ago) => {
    const path = random.chance(0.7) ? '/-/health/ready/' : '/application/o/authorize/';
    const span = { host: 'authentik.sandbox.test', method: 'GET', path, remote: '10.244.1.1' };
    const access = { file: 'packages/ak-axum/src/tracing.rs', line: 48, target: 'authentik_axum::tracing' };
    return [
      rustLine(scene, ago, 'warn', source, { event: 'error occurred', err }, span),
      rustLine(scene, ago - 0.01, 'info', access, { event: path, runtime: '0', status: 503 }, span),
    ];
  });
}

/** A core that tries to reach its database; level info, as it writes it. */
export function databaseRefused(scene: Scene, pod: PodScene, why: string): LogLine[] {
  const random = scene.random.of(`database ${pod.name}`);
  return moments(random, 60, 900).map((ago) => {
    const timestamp = (scene.now / 1000 - ago).toFixed(6);
    const text = {
      event: `PostgreSQL connection failed, retrying... (${why})`,
      level: 'info',
      logger: 'authentik.lib.config',
    };
    const parts = Object.entries({ ...text, timestamp: Number(timestamp) }).map(
      ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
    return line(scene, ago, `{${parts.join(', ')}}`);
  });
}

/** Every writer's word for connections that are used up. */
export function tooManyClients(scene: Scene): void {
  const fatal = 'sorry, too many clients already';
  for (const pod of scene.postgres.pods.slice(0, 1)) {
    const random = scene.random.of('clients');
    pod.log.push(...moments(random, 60, 850).map((ago) => cnpgLine(scene, ago, 'FATAL', '53300', fatal)));
  }
  for (const pod of scene.pgbouncer.pods) {
    const random = scene.random.of(`clients ${pod.name}`);
    pod.log.push(
      ...moments(random, 30, 850).map((ago) =>
        pgbouncerLine(
          scene,
          ago,
          'WARNING',
          `S-0x55${random.text(10)}: authentik/authentik@10.96.3.4:5432 server login failed: FATAL ${fatal}`,
        ),
      ),
    );
  }
  const value = `connection failed: connection to server at "10.96.41.7", port 6432 failed: FATAL: ${fatal}`;
  for (const pod of scene.server.pods) {
    const random = scene.random.of(`clients ${pod.name}`);
    const exception = [
      { exc_type: 'OperationalError', exc_value: value, syntax_error: null, is_cause: false, frames: [] },
    ];
    pod.log.push(
      ...moments(random, 20, 850).map((ago) =>
        pythonLine(scene, ago, 'error', 'Internal Server Error: /-/health/ready/', {
          exception,
          logger: 'django.request',
        }),
      ),
    );
  }
}

/** A server that waits for the lock of the migrations: plain text, nothing after it. */
export function waitingForLock(scene: Scene, pod: PodScene): LogLine[] {
  const at = (ago: number): string => timeAt(scene, ago).slice(0, 19).replace('T', ' ');
  return [
    line(scene, pod.age - 2, `${at(pod.age - 2)} [info     ] PostgreSQL connection successful        `),
    line(scene, pod.age - 4, `${at(pod.age - 4)} [info     ] waiting to acquire database lock        `),
  ];
}
