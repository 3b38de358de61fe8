/** Debian's Dovecot: IMAPS with and without PROXY, LMTP and the passwords for Postfix, all in one folder. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../daemon.ts';
import { must } from '../run.ts';
import { realTool } from '../tools.ts';
import type { MailAddresses } from './addresses.ts';
import type { Certificate } from './certificates.ts';
import { listens } from './listens.ts';

/** What a test may change; whatever is left out is as it should be. */
export interface DovecotChanges {
  /** Default true. */
  stock?: boolean;
  /** Default 'required'; 'ignored': the listener is there and takes no header; 'absent': it is not there. */
  proxy?: 'required' | 'ignored' | 'absent';
  /** Who may claim addresses. Default: everybody here. */
  trusted?: string;
}

export interface Dovecot {
  auth: string;
  lmtp: string;
  log(): Promise<string>;
  restart(changes?: DovecotChanges): Promise<void>;
  stop(): Promise<void>;
}

/** Mailboxes and their passwords. */
export const ACCOUNTS: Readonly<Record<string, string>> = {
  'alice@example.test': 'alice-password',
  'spam@example.test': 'spam-password',
};

export interface DovecotOptions {
  dir: string;
  addresses: MailAddresses;
  certificate: Certificate;
}

export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const { dir, addresses } = options;
  const base = join(dir, 'dovecot');
  const config = join(base, 'dovecot.conf');
  const logFile = join(dir, 'dovecot.log');
  const [auth, lmtp] = [join(base, 'auth'), join(base, 'lmtp-socket')];
  await mkdir(join(base, 'mail'), { recursive: true });
  await must('chown', ['mail:mail', join(base, 'mail')]);
  const users = Object.entries(ACCOUNTS).map(([name, password]) => `${name}:{PLAIN}${password}::::::\n`);
  await writeFile(join(base, 'users'), users.join(''));
  const state: { daemon?: Daemon } = {};
  const start = async (changes: DovecotChanges): Promise<void> => {
    await writeFile(config, configOf(options, changes, { base, logFile, auth, lmtp }));
    const { port, proxy } = addresses.ports.imaps;
    const places = [...(changes.stock === false ? [] : [port]), ...(changes.proxy === 'absent' ? [] : [proxy])];
    state.daemon = await startDaemon({
      name: 'dovecot',
      program: realTool('dovecot'),
      args: ['-F', '-c', config],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TZ: 'UTC' },
      log: join(dir, 'dovecot.err'),
      ready: () => listens(places.map((each) => ({ address: addresses.pod, port: each }))),
    });
  };
  const stop = async (): Promise<void> => {
    await state.daemon?.stop();
  };
  await start({});
  return {
    auth,
    lmtp,
    log: () => readFile(logFile, 'utf8').catch(() => ''),
    restart: async (changes = {}) => {
      await stop();
      await start(changes);
    },
    stop,
  };
}

interface Places {
  base: string;
  logFile: string;
  auth: string;
  lmtp: string;
}

function configOf({ addresses, certificate }: DovecotOptions, changes: DovecotChanges, places: Places): string {
  const { pod, ports } = addresses;
  const { base, logFile, auth, lmtp } = places;
  const { stock = true, proxy = 'required', trusted = '127.0.0.0/8' } = changes;
  const listener = (name: string, port: number, more: string): string =>
    `  inet_listener ${name} {\n    address = ${pod}\n    port = ${port}\n    ssl = yes\n${more}  }\n`;
  return `protocols = imap lmtp
listen = ${pod}
base_dir = ${base}/run
state_dir = ${base}/state
log_path = ${logFile}
auth_verbose = yes
login_trusted_networks =
haproxy_trusted_networks = ${trusted}
haproxy_timeout = 3 secs
auth_failure_delay = 0
# No penalty for an address that failed before: tests all come from here.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
ssl = required
ssl_cert = <${certificate.certFile}
ssl_key = <${certificate.keyFile}
mail_location = maildir:${base}/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = ${base}/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${base}/mail/%n allow_all_users=no
}
service imap-login {
  inet_listener imap {
    port = 0
  }
${stock ? listener('imaps', ports.imaps.port, '') : '  inet_listener imaps {\n    port = 0\n  }\n'}${
  proxy === 'absent'
    ? ''
    : listener('imaps_proxy', ports.imaps.proxy, proxy === 'required' ? '    haproxy = yes\n' : '')
}}
service auth {
  unix_listener ${auth} {
    mode = 0666
  }
}
service lmtp {
  unix_listener ${lmtp} {
    mode = 0666
  }
}
`;
}
