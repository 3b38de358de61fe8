import type { LogLine } from '../../kubernetes/logs.ts';
import { cnpgLine, line, moments, pgbouncerLine, pythonLine, rustLine, timeAt } from './lines.ts';
import type { PodScene, Scene, Workload } from './scene.ts';
import { accessLog, served, started } from './traffic.ts';

/** What every container writes when nothing is wrong; a quiet pod keeps only its own lines. */
export function usualLogs(scene: Scene): void {
  for (const outpost of scene.outposts) {
    add(outpost, (pod) => [...started(scene, outpost, pod.age), ...served(scene, { ...outpost, name: pod.name })]);
  }
  add(scene.server, (pod) => serverLines(scene, pod));
  add(scene.worker, (pod) => workerLines(scene, pod));
  add(scene.pgbouncer, (pod) => pgbouncerLines(scene, pod));
  add(scene.authProxy, (pod) => nginxLines(scene, pod));
  add(scene.traefik, (pod) => accessLog(scene, pod.name, 302, hostsOf(scene)));
  add(scene.postgres, (pod) => postgresLines(scene, pod));
}

function add(workload: Workload, usual: (pod: PodScene) => LogLine[]): void {
  for (const pod of workload.pods) {
    if (pod.quiet !== true && pod.waiting === undefined) pod.log.push(...usual(pod));
  }
}

function hostsOf(scene: Scene): string[] {
  return scene.hosts.map((each) => each.host);
}

/** Requests that the server has answered; in the embedded shape those of its outpost too. */
function serverLines(scene: Scene, pod: PodScene): LogLine[] {
  const random = scene.random.of(`log ${pod.name}`);
  const paths = ['/-/health/live/', '/-/health/ready/', '/api/v3/root/config/', '/application/o/authorize/'];
  const embedded = scene.shape === 'embedded' ? ['/outpost.goauthentik.io/auth/traefik'] : [];
  return moments(random, random.int(30, 60), 1500).map((ago) => {
    const path = random.pick([...paths, ...embedded, ...embedded]);
    const forward = path.startsWith('/outpost');
    const host = forward ? random.pick(hostsOf(scene)) : 'authentik.sandbox.test';
    const status = forward || path.endsWith('authorize/') ? 302 : 200;
    const remote = `10.244.${random.int(1, 5)}.${random.int(2, 250)}`;
    if (scene.shape === 'april') {
      const fields = {
        auth_via: 'unauthenticated',
        host,
        logger: 'authentik.asgi',
        method: 'GET',
        pid: 71,
        remote,
        request_id: random.text(32),
        runtime: random.int(3, 90),
        scheme: 'https',
        status,
        user: '',
      };
      return pythonLine(scene, ago, 'info', path, fields);
    }
    const source = { file: 'packages/ak-axum/src/tracing.rs', line: 48, target: 'authentik_axum::tracing' };
    return rustLine(
      scene,
      ago,
      'info',
      source,
      { event: path, runtime: '2', status },
      { host, method: 'GET', path, remote },
    );
  });
}

function workerLines(scene: Scene, pod: PodScene): LogLine[] {
  const random = scene.random.of(`log ${pod.name}`);
  return moments(random, 40, 1500).map((ago) =>
    random.chance(0.7)
      ? pythonLine(scene, ago, 'info', 'Sent 0 scheduled tasks', {
          logger: 'django_dramatiq_postgres.scheduler',
          pid: 34,
        })
      : pythonLine(scene, ago, 'info', 'Task finished', {
          logger: 'authentik.tasks.middleware',
          pid: 34,
          task_id: random.uuid(),
        }),
  );
}

function pgbouncerLines(scene: Scene, pod: PodScene): LogLine[] {
  const random = scene.random.of(`log ${pod.name}`);
  return moments(random, 40, 1500).map((ago) => {
    const client = `C-0x55${random.text(10)}: authentik/authentik@10.244.${random.int(1, 5)}.${random.int(2, 250)}:${random.int(30_000, 60_000)}`;
    return pgbouncerLine(
      scene,
      ago,
      'LOG',
      `${client} closing because: client close request (age=${random.int(1, 300)}s)`,
    );
  });
}

function nginxLines(scene: Scene, pod: PodScene): LogLine[] {
  const random = scene.random.of(`log ${pod.name}`);
  const hosts = hostsOf(scene);
  return moments(random, 40, 1500).map((ago) => {
    const time = timeAt(scene, ago).slice(0, 19).replace('T', ':');
    return line(
      scene,
      ago,
      `10.244.3.${random.int(2, 200)} - - [${time} +0000] "GET /outpost.goauthentik.io/auth/traefik HTTP/1.1" 302 0 "-" "-" host=${random.pick(hosts)}`,
    );
  });
}

function postgresLines(scene: Scene, pod: PodScene): LogLine[] {
  const random = scene.random.of(`log ${pod.name}`);
  return moments(random, 6, 1500).map((ago) =>
    cnpgLine(
      scene,
      ago,
      'LOG',
      '00000',
      `checkpoint complete: wrote ${random.int(20, 900)} buffers (0.2%); 0 WAL file(s) added`,
    ),
  );
}
