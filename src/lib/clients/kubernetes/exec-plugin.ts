import { spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { InfraError } from '../../errors.ts';
import { makeLineSplitter } from '../process/lines.ts';
import { findProgram } from '../process/path.ts';
import type { Cluster } from './cluster.ts';
import { badConfig, quoted } from './errors.ts';
import type { Named } from './kubeconfig.ts';
import { type Json, list, object, text } from './shape.ts';

/** What a plugin gave: a token or a certificate, until when. */
export type PluginCredential = {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds since the epoch; undefined: for as long as this process lives. */
  readonly expiresAt: number | undefined;
};

export type PluginOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Gets each line that the plugin writes to stderr, at once: it may ask the operator to do something. */
  readonly onMessage: (line: string) => void;
};

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const MAX_OUTPUT = 1024 * 1024;

/**
 * Asks a client-go credential plugin (kubernetes.io/docs, client-go credential plugins). Its stdin is closed and it
 * has `timeoutMs`; then its whole process group is killed. What it printed never gets into an error, because that
 * is the credential. Errors: `kubernetes.plugin` (77), `kubernetes.bad-config` (78).
 */
export async function runPlugin(user: Named, cluster: Cluster, options: PluginOptions): Promise<PluginCredential> {
  const exec = object(user.value.exec);
  const apiVersion = text(exec.apiVersion) ?? '';
  if (!API_VERSIONS.includes(apiVersion)) {
    throw badConfig(
      `The exec plugin in ${user.file} has apiVersion "${apiVersion}"; known are ${API_VERSIONS.join(' and ')}.`,
    );
  }
  const named = text(exec.command);
  if (named === undefined) throw badConfig(`The exec plugin in ${user.file} has no command.`);
  if (exec.interactiveMode === 'Always') {
    throw failed(named, 'wants a terminal, which it does not get here (interactiveMode: Always)', [
      `Log in once by hand: kubectl get ns --context ${cluster.target.context ?? ''}`.trim(),
    ]);
  }
  // A command with a slash is relative to its kubeconfig (clientcmd.GetAuthInfoFileReferences); another is on PATH.
  const command = named.includes('/') && !isAbsolute(named) ? join(user.folder, named) : named;
  const env = pluginEnvironment(exec, apiVersion, cluster, options.env);
  const program = await findProgram(command, env.PATH, user.folder);
  if (program === undefined) {
    const hint = text(exec.installHint);
    throw failed(named, 'was not found', hint === undefined ? [`Install ${named}.`] : hint.split('\n'));
  }
  const args = list(exec.args).map(String);
  return readCredential(named, apiVersion, await output(named, program, args, env, options));
}

function pluginEnvironment(
  exec: Json,
  apiVersion: string,
  cluster: Cluster,
  own: PluginOptions['env'],
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) if (value !== undefined) env[name] = value;
  for (const item of list(exec.env)) env[String(object(item).name)] = String(object(item).value ?? '');
  const about = exec.provideClusterInfo === true ? { cluster: clusterInfo(cluster) } : {};
  env.KUBERNETES_EXEC_INFO = JSON.stringify({
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...about },
  });
  return env;
}

function clusterInfo(cluster: Cluster): Json {
  const extensions = list(cluster.entry?.value.extensions).map(object);
  const own = extensions.find((each) => each.name === 'client.authentication.k8s.io/exec');
  return {
    server: cluster.target.server,
    ...(cluster.serverName === undefined ? {} : { 'tls-server-name': cluster.serverName }),
    ...(cluster.skipVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(cluster.ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') }),
    ...(cluster.proxy === undefined ? {} : { 'proxy-url': cluster.proxy }),
    ...(own === undefined ? {} : { config: own.extension }),
  };
}

function output(
  named: string,
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  options: PluginOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    const messages = makeLineSplitter(4096);
    let size = 0;
    let lastMessage = '';
    const killGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself in the meantime.
      }
    };
    const settle = (work: () => void): void => {
      clearTimeout(deadline);
      killGroup();
      child.stdout.destroy();
      child.stderr.destroy();
      work();
    };
    const deadline = setTimeout(() => {
      const said = lastMessage === '' ? '' : `; it said: ${quoted(lastMessage)}`;
      settle(() =>
        reject(
          failed(named, `gave no credential within ${options.timeoutMs} ms${said}`, [
            'Log in once by hand, for example: kubectl get ns',
          ]),
        ),
      );
    }, options.timeoutMs);
    const note = (lines: readonly string[]): void => {
      for (const line of lines) {
        if (line.trim() !== '') lastMessage = line;
        options.onMessage(line);
      }
    };
    child.stderr.on('data', (chunk: Buffer) => note(messages.push(chunk)));
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) settle(() => reject(failed(named, `wrote more than ${MAX_OUTPUT} bytes`)));
      else chunks.push(chunk);
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => reject(failed(named, `could not be started (${error.code ?? error.name})`))),
    );
    // `exit`, not `close`: something that the plugin leaves behind may hold its streams open.
    child.once('exit', (code, signal) => {
      setImmediate(() => {
        note(messages.end());
        const end = code === null ? `was ended by ${signal}` : `ended with ${code}`;
        const said = lastMessage === '' ? '' : `: ${quoted(lastMessage)}`;
        settle(() =>
          code === 0
            ? resolve(Buffer.concat(chunks).toString('utf8'))
            : reject(failed(named, `${end}${said}`, ['kubectl get ns shows what it says by hand.'])),
        );
      });
    });
  });
}

function readCredential(named: string, apiVersion: string, printed: string): PluginCredential {
  let parsed: unknown;
  try {
    parsed = JSON.parse(printed);
  } catch {
    throw failed(named, 'did not print JSON'); // Without the parser's message: it quotes what was printed.
  }
  const credential = object(parsed);
  if (credential.kind !== 'ExecCredential' || credential.apiVersion !== apiVersion) {
    throw failed(named, `did not print an ExecCredential of ${apiVersion}`);
  }
  const status = object(credential.status);
  const token = text(status.token);
  const cert = text(status.clientCertificateData);
  const key = text(status.clientKeyData);
  if ((cert === undefined) !== (key === undefined))
    throw failed(named, 'printed a certificate without its key, or a key without its certificate');
  if (token === undefined && cert === undefined) throw failed(named, 'printed no credential');
  const until = text(status.expirationTimestamp);
  const expiresAt = until === undefined ? undefined : Date.parse(until);
  if (Number.isNaN(expiresAt)) throw failed(named, 'printed an expirationTimestamp that is not a time');
  return { token, cert, key, expiresAt };
}

function failed(named: string, what: string, hints: readonly string[] = []): InfraError {
  return new InfraError('kubernetes.plugin', 'denied', `The kubeconfig's credential plugin ${named} ${what}.`, {
    hints,
  });
}
