import type { LogLine } from '../../kubernetes/logs.ts';
import { goLine, pgbouncerLine, pythonLine, rustLine } from './lines.ts';
import type { Outpost, PodScene, Scene, Workload } from './scene.ts';

/**
 * What is always somewhere in the logs of a platform that works: warnings that mean nothing here, an old restart, an
 * event of yesterday. The seed decides which; none of it belongs to any cause.
 */
export function addNoise(scene: Scene): void {
  const random = scene.random.of('noise');
  for (const outpost of scene.outposts) outpostNoise(scene, outpost);
  for (const pod of awake(scene.server)) {
    if (random.chance(0.6)) pod.log.push(...denied(scene, random.int(20, 800)));
    if (random.chance(0.3)) pod.log.push(closing(scene, random.int(20, 800)));
  }
  for (const pod of awake(scene.pgbouncer)) {
    if (!random.chance(0.5)) continue;
    const client = `C-0x55${random.text(10)}: (nodb)/(nouser)@10.244.1.${random.int(2, 200)}:${random.int(30_000, 60_000)}`;
    pod.log.push(
      pgbouncerLine(scene, random.int(5, 800), 'LOG', `${client} closing because: client unexpected eof (age=0s)`),
    );
  }
  if (random.chance(0.5)) {
    scene.events.push({
      reason: 'FailedScheduling',
      message: '0/4 nodes are available: 1 Insufficient cpu.',
      object: `renew-tls-${random.int(100, 999)}`,
      kind: 'Pod',
      secondsAgo: random.int(4000, 80_000),
    });
  }
  const [bystander] = awake(scene.worker);
  if (bystander !== undefined && random.chance(0.3)) {
    bystander.restarts = 1;
    bystander.last = { reason: 'Completed', exitCode: 0, secondsAgo: bystander.age + 3 };
    bystander.previous = [
      pythonLine(scene, bystander.age + 4, 'info', 'shutting down', { logger: 'authentik.worker' }),
    ];
  }
}

function awake(workload: Workload): PodScene[] {
  return workload.pods.filter((pod) => pod.waiting === undefined && pod.quiet !== true);
}

function outpostNoise(scene: Scene, outpost: Outpost): void {
  for (const pod of awake(outpost)) {
    const random = scene.random.of(`noise ${pod.name}`);
    const ago = (): number => random.int(10, 850);
    if (outpost.writer === 'go') {
      if (random.chance(0.7))
        pod.log.push(
          goLine(scene, ago(), 'warning', 'failed to decode session', { error: null, name: 'Domain wide catch all' }),
        );
      if (random.chance(0.4))
        pod.log.push(
          goLine(scene, ago(), 'debug', 'failed to get certificate for ServerName', {
            logger: 'authentik.outpost.proxyv2',
            'server-name': 'terminal.sandbox.test',
          }),
        );
      if (random.chance(0.3)) pod.log.push(...reconnect(scene, ago()));
    } else if (random.chance(0.4)) {
      const source = { file: 'src/outpost/event.rs', line: 140, target: 'authentik::outpost::event' };
      const at = ago();
      pod.log.push(
        rustLine(scene, at, 'debug', source, { event: 'websocket disconnected cleanly' }),
        rustLine(scene, at - 1, 'info', source, { event: 'reconnecting websocket in 1s...' }),
        rustLine(scene, at - 2, 'info', source, { event: 'connected to websocket' }),
      );
    }
  }
}

/** The server was rolled out: one line of loss, then it is back. */
function reconnect(scene: Scene, ago: number): LogLine[] {
  const logger = 'authentik.outpost.ak-api-controller';
  return [
    goLine(scene, ago, 'warning', 'event read error', {
      error: 'websocket: close 1012',
      logger,
      loop: 'event-handler',
    }),
    goLine(scene, ago - 3, 'info', 'Successfully connected websocket', {
      logger,
      outpost: 'authentik-embedded-outpost',
    }),
  ];
}

function denied(scene: Scene, ago: number): LogLine[] {
  return [
    pythonLine(scene, ago, 'warning', 'Exception in ASGI application', {
      exc: 'DenyConnection()',
      logger: 'uvicorn.error',
    }),
  ];
}

function closing(scene: Scene, ago: number): LogLine {
  return pythonLine(scene, ago, 'info', 'Error while closing socket [Errno 9] Bad file descriptor', {
    logger: 'gunicorn.error',
  });
}
