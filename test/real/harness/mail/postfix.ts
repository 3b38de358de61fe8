/**
 * Debian's Postfix with a configuration, queue and log of its own: stock listeners, listeners that require a PROXY header,
 * and the second MX as one more listener. It wants to be started by root, who may then become its own user.
 */
import { chmod, mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../daemon.ts';
import { must, type Ran, run } from '../run.ts';
import { realTool } from '../tools.ts';
import type { MailAddresses } from './addresses.ts';
import type { Certificate } from './certificates.ts';
import { listens } from './listens.ts';

/** One line of master.cf: where it listens, which program, and its settings. */
export interface Listener {
  address: string;
  port: number;
  program: 'postscreen' | 'smtpd';
  settings: Readonly<Record<string, string>>;
}

export type ListenerName =
  | 'smtp'
  | 'smtps'
  | 'submission'
  | 'proxySmtp'
  | 'proxySmtps'
  | 'proxySubmission'
  | 'secondMx';

/** What a test may change; whatever is left out is as it should be. */
export interface PostfixChanges {
  /** undefined: that listener is not there. */
  listeners?: Partial<Record<ListenerName, Partial<Listener> | undefined>>;
  main?: Readonly<Record<string, string>>;
}

export interface Postfix {
  /** Everything that it has logged. */
  log(): Promise<string>;
  /** Ends it and starts it with these changes; none: as it should be. */
  restart(changes?: PostfixChanges): Promise<void>;
  /** `postqueue`, `postcat`, … with its configuration. */
  command(program: 'postqueue' | 'postsuper' | 'postconf', ...args: string[]): Promise<Ran>;
  stop(): Promise<void>;
}

export interface PostfixOptions {
  dir: string;
  hostname: string;
  addresses: MailAddresses;
  certificate: Certificate;
  /** Sockets of Dovecot. */
  auth: string;
  lmtp: string;
  /** `[host]:port` that takes what is for others. */
  relay: string;
}

const MAIL_DOMAIN = 'example.test';

export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const { dir } = options;
  const config = join(dir, 'postfix');
  const spool = join(dir, 'spool');
  const logFile = join(dir, 'mail.log');
  await Promise.all([mkdir(config), mkdir(spool), mkdir(join(dir, 'postfix-data'))]);
  await chmod(spool, 0o755);
  await must('chown', ['postfix', join(dir, 'postfix-data')]);
  await writeFile(join(config, 'virtual'), VIRTUAL);
  await writeFile(join(config, 'relay-password'), `${options.relay} relay:relay-password\n`, { mode: 0o600 });
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  const state: { daemon?: Daemon } = {};

  const start = async (changes: PostfixChanges): Promise<void> => {
    const listeners = withChanges(stockListeners(options.addresses), changes.listeners ?? {});
    const main = text({ ...mainOf(options, config, logFile), ...changes.main });
    const master = `${[...listeners.map(line), ...INNER].join('\n')}\n`;
    for (const [name, content] of Object.entries({ 'main.cf': main, 'master.cf': master })) {
      await writeFile(join(config, name), content);
      // Postfix waits until a file is two seconds old: somebody may still be writing it.
      await utimes(join(config, name), 0, 0);
    }
    // Makes the folders of the queue, once.
    const checked =
      state.daemon === undefined ? await run(realTool('postfix'), ['-c', config, 'check'], { env }) : undefined;
    if ((checked?.status ?? 0) !== 0) throw new Error(`postfix check: ${checked?.stderr}${await log()}`);
    state.daemon = await startDaemon({
      name: 'postfix',
      program: '/usr/lib/postfix/sbin/master',
      args: ['-c', config, '-s'],
      env: { ...env, MAIL_CONFIG: config },
      log: join(dir, 'postfix.err'),
      ready: () => listens(listeners),
      // Told politely, postscreen would go on in a session of its own until its last client has left.
      signal: 'SIGKILL',
    });
  };
  const log = (): Promise<string> => readFile(logFile, 'utf8').catch(() => '');
  const stop = async (): Promise<void> => {
    await state.daemon?.stop();
  };
  await start({});
  return {
    log,
    restart: async (changes = {}) => {
      await stop();
      await start(changes);
    },
    command: (program, ...args) => run(`/usr/sbin/${program}`, ['-c', config, ...args], { env }),
    stop,
  };
}

/** The listeners of the site that infra was made for. */
function stockListeners({ pod, secondMx, ports }: MailAddresses): Record<ListenerName, Listener> {
  const at = (port: number, program: Listener['program'], settings: Listener['settings'] = {}): Listener => ({
    ...{ address: pod, port, program, settings },
  });
  const wrapped = { smtpd_tls_wrappermode: 'yes', smtpd_sasl_auth_enable: 'yes' };
  const submission = { smtpd_tls_security_level: 'encrypt', smtpd_sasl_auth_enable: 'yes' };
  const proxied = { smtpd_upstream_proxy_protocol: 'haproxy', smtpd_upstream_proxy_timeout: '5s' };
  return {
    smtp: at(ports.smtp.port, 'postscreen'),
    smtps: at(ports.smtps.port, 'smtpd', { syslog_name: 'postfix/submissions', ...wrapped }),
    submission: at(ports.submission.port, 'smtpd', { syslog_name: 'postfix/submission', ...submission }),
    proxySmtp: at(ports.smtp.proxy, 'postscreen', {
      syslog_name: 'postfix/smtpd-proxy25',
      postscreen_upstream_proxy_protocol: 'haproxy',
      postscreen_upstream_proxy_timeout: '5s',
    }),
    proxySmtps: at(ports.smtps.proxy, 'smtpd', { syslog_name: 'postfix/submissions-proxy', ...wrapped, ...proxied }),
    proxySubmission: at(ports.submission.proxy, 'smtpd', {
      ...{ syslog_name: 'postfix/submission-proxy', ...submission, ...proxied },
    }),
    secondMx: {
      ...{ address: secondMx, port: ports.smtp.port, program: 'smtpd' },
      settings: { syslog_name: 'mx2/smtpd', myhostname: `mx2.${MAIL_DOMAIN}` },
    },
  };
}

function withChanges(
  listeners: Record<ListenerName, Listener>,
  changes: NonNullable<PostfixChanges['listeners']>,
): Listener[] {
  return Object.entries(listeners).flatMap(([name, listener]) => {
    if (!(name in changes)) return [listener];
    const change = changes[name as ListenerName];
    return change === undefined ? [] : [{ ...listener, ...change }];
  });
}

function line({ address, port, program, settings }: Listener): string {
  const limit = program === 'postscreen' ? '1' : '-';
  const options = Object.entries(settings).map(([name, value]) => `  -o ${name}=${value}`);
  return [`${address}:${port} inet n - n - ${limit} ${program}`, ...options].join('\n');
}

function mainOf(options: PostfixOptions, config: string, logFile: string): Record<string, string> {
  const { dir, hostname, certificate, auth, lmtp, relay } = options;
  return {
    compatibility_level: '3.6',
    myhostname: hostname,
    mydestination: '',
    // Only addresses of interfaces may stand here; where it listens, master.cf says.
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'all',
    // Nobody is let in for coming from this machine, as all do.
    mynetworks: '192.0.2.0/32',
    queue_directory: join(dir, 'spool'),
    data_directory: join(dir, 'postfix-data'),
    maillog_file: logFile,
    maillog_file_prefixes: dir,
    virtual_mailbox_domains: MAIL_DOMAIN,
    virtual_mailbox_maps: `texthash:${join(config, 'virtual')}`,
    virtual_transport: `lmtp:unix:${lmtp}`,
    relayhost: relay,
    smtp_sasl_auth_enable: 'yes',
    smtp_sasl_security_options: 'noanonymous',
    smtp_sasl_password_maps: `texthash:${join(config, 'relay-password')}`,
    alias_maps: '',
    smtpd_tls_cert_file: certificate.certFile,
    smtpd_tls_key_file: certificate.keyFile,
    smtpd_tls_security_level: 'may',
    smtpd_tls_auth_only: 'yes',
    smtpd_tls_loglevel: '1',
    smtpd_sasl_type: 'dovecot',
    smtpd_sasl_path: auth,
    smtpd_sasl_local_domain: MAIL_DOMAIN,
    smtpd_recipient_restrictions: 'permit_sasl_authenticated, reject_unauth_destination',
    smtpd_relay_restrictions: 'permit_sasl_authenticated, reject_unauth_destination',
    smtp_tls_security_level: 'may',
    smtp_address_preference: 'ipv4',
    // It keeps a newcomer waiting for the second half of its greeting, as long as a test can afford.
    postscreen_greet_wait: '1s',
    postscreen_greet_action: 'enforce',
    postscreen_cache_map: '',
    notify_classes: '',
    ipc_timeout: '20s',
    smtputf8_enable: 'no',
  };
}

const VIRTUAL = ['alice', 'spam', 'postmaster', 'full'].map((name) => `${name}@${MAIL_DOMAIN} ${name}\n`).join('');

/** What is behind the listeners, as in Debian's master.cf, nothing of it in a chroot. */
const INNER = `
smtpd pass - - n - - smtpd
dnsblog unix - - n - 0 dnsblog
tlsproxy unix - - n - 0 tlsproxy
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd`
  .trim()
  .split('\n');

function text(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}
