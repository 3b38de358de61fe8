import { InfraError } from '../../errors.ts';

const CONNECT_SECONDS = 5;

/** Never a question, never a forwarded agent or display. */
export const SSH_OPTIONS = [
  '-T',
  '-a',
  '-x',
  ...['BatchMode=yes', `ConnectTimeout=${CONNECT_SECONDS}`, 'ConnectionAttempts=1'].flatMap((each) => ['-o', each]),
] as const;

const HOST = /^(?!-)[\w.@:%[\]-]{1,253}$/;

/** Refuses what ssh would take for an option, or what is no host at all. Errors: `ssh.bad-host` (78). */
export function assertHost(host: string): void {
  if (HOST.test(host)) return;
  throw new InfraError('ssh.bad-host', 'config', `${JSON.stringify(host)} is no host that ssh can be given.`, {
    hints: ['infra config show names the setting and where it comes from.'],
  });
}

/** The address that an alias stands for, in the output of `ssh -G`. */
export function addressIn(configuration: string): string | undefined {
  return /^hostname (\S+)$/m.exec(configuration)?.[1];
}
