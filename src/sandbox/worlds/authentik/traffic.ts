import type { LogLine } from '../../kubernetes/logs.ts';
import { goLine, line, moments, rustLine, timeAt } from './lines.ts';
import type { Outpost, Scene } from './scene.ts';

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Uptime-Kuma/1.23.16',
];

/** Requests that an outpost has answered, oldest first: the sign that its silence means something. */
export function served(scene: Scene, outpost: Outpost, status = 302): LogLine[] {
  const random = scene.random.of(`traffic ${outpost.name} ${status}`);
  return moments(random, random.int(40, 90), 3000).map((ago) =>
    request(scene, outpost, ago, random.pick(outpost.hosts), status),
  );
}

/** One request line of an outpost. */
export function request(
  scene: Scene,
  outpost: Outpost,
  secondsAgo: number,
  host: string,
  status: number,
  path = AUTH,
): LogLine {
  const random = scene.random.of(`request ${secondsAgo} ${host}`);
  const remote = `10.244.${random.int(1, 5)}.${random.int(2, 250)}`;
  const agent = random.pick(AGENTS);
  if (outpost.writer === 'rust') {
    return rustLine(
      scene,
      secondsAgo,
      'info',
      { file: 'packages/ak-axum/src/tracing.rs', line: 48, target: 'authentik_axum::tracing' },
      { event: path, runtime: String(random.int(0, 9)), status, http_headers: JSON.stringify({ user_agent: agent }) },
      { host, method: 'GET', path, remote },
    );
  }
  return goLine(scene, secondsAgo, 'info', path, {
    host,
    method: 'GET',
    name: 'Domain wide catch all',
    remote,
    request_protocol: 'HTTP/1.1',
    request_useragent: agent,
    runtime: `${random.int(0, 9)}.${random.int(100, 999)}`,
    size: 0,
    status,
    upstream: '',
  });
}

const AUTH = '/outpost.goauthentik.io/auth/traefik';

/** What an outpost writes when it comes up. */
export function started(scene: Scene, outpost: Outpost, secondsAgo: number): LogLine[] {
  if (outpost.writer === 'rust') {
    const source = { file: 'src/main.rs', line: 53, target: 'authentik' };
    const ws = { file: 'src/outpost/event.rs', line: 112, target: 'authentik::outpost::event' };
    return [
      rustLine(scene, secondsAgo, 'info', source, { event: 'authentik is starting', version: versionOf(outpost) }),
      rustLine(
        scene,
        secondsAgo - 1,
        'info',
        { ...source, file: 'src/outpost/mod.rs' },
        { event: 'outpost mode', embedded: outpost.store === 'postgres' },
      ),
      rustLine(scene, secondsAgo - 2, 'info', ws, { event: 'connected to websocket' }),
    ];
  }
  const logger = 'authentik.outpost';
  return [
    goLine(scene, secondsAgo, 'info', 'Loaded config', { logger: 'authentik.root' }),
    goLine(scene, secondsAgo - 1, 'info', 'Outpost mode', { logger, embedded: outpost.store === 'postgres' }),
    goLine(scene, secondsAgo - 2, 'info', 'Successfully connected websocket', { logger, outpost: outpost.outpost }),
    goLine(scene, secondsAgo - 2, 'info', 'Starting HTTP server', {
      logger: 'authentik.outpost.proxyv2',
      listen: '0.0.0.0:9000',
    }),
  ];
}

/** Requests that Traefik has handed on, in the common format. */
export function accessLog(scene: Scene, name: string, status: number, hosts: readonly string[]): LogLine[] {
  const random = scene.random.of(`access ${name}`);
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return moments(random, 40, 1200).map((ago, at) => {
    const [date = '', time = ''] = timeAt(scene, ago).split('T');
    const [year = '', month = '', day = ''] = date.split('-');
    const stamp = `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
    const router = `${random.pick(hosts).replaceAll('.', '-')}@kubernetes`;
    return line(
      scene,
      ago,
      `192.0.2.${random.int(1, 250)} - - [${stamp}] "GET / HTTP/2.0" ${status} 0 "-" "${random.pick(AGENTS)}" ${at + 1} "${router}" "-" ${random.int(1, 20)}ms`,
    );
  });
}

function versionOf(outpost: Outpost): string {
  return outpost.image.split(':')[1] ?? '';
}
