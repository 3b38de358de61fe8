import { InfraError, type StatusName } from '../../errors.ts';

type Known = readonly [pattern: RegExp, code: string, status: StatusName, words: string, hint: string | undefined];

/** What OpenSSH's client writes when it does not come as far as the command. */
const KNOWN: readonly Known[] = [
  [
    /host key verification failed|no .* host key is known|remote host identification has changed/i,
    'ssh.host-key',
    'denied',
    'its host key is not known, or has changed',
    'Connect once by hand and compare the key: ssh',
  ],
  [
    /permission denied|too many authentication failures/i,
    'ssh.denied',
    'denied',
    'it accepts none of your keys',
    'Is the key in the agent? ssh-add -l; or try ssh -v',
  ],
  [
    /connection timed out|operation timed out|connection refused|no route to host|network is unreachable/i,
    'ssh.unreachable',
    'unavailable',
    'it cannot be reached from here',
    undefined,
  ],
  [
    /could not resolve hostname/i,
    'ssh.unreachable',
    'unavailable',
    'its name is not known',
    'Give it an entry in ~/.ssh/config:',
  ],
  [
    /connection (closed|reset)|kex_exchange_identification/i,
    'ssh.unreachable',
    'unavailable',
    'it closed the connection',
    undefined,
  ],
];

/** ssh ends with 255 when it fails itself; `stderr` says why. Its text is matched here and nowhere else. */
export function sshError(host: string, stderr: string): InfraError {
  const found = KNOWN.find(([pattern]) => pattern.test(stderr));
  if (found === undefined) {
    const last =
      stderr
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 160) ?? '';
    return new InfraError(
      'ssh.failed',
      'unavailable',
      `ssh ${host}: ssh ended with 255${last === '' ? '' : `: ${last}`}.`,
    );
  }
  const [, code, status, words, hint] = found;
  return new InfraError(code, status, `ssh ${host}: ${words}.`, {
    hints: hint === undefined ? [] : [`${hint} ${host}`],
  });
}
