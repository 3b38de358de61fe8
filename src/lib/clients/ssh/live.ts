import { InfraError, isInfraError } from '../../errors.ts';
import { assertLoopback } from '../http/loopback.ts';
import type { Command, Finished, Processes } from '../process/client.ts';
import type { Ssh, SshCommand } from './client.ts';
import { sshError } from './errors.ts';
import { addressIn, assertHost, SSH_OPTIONS } from './options.ts';

/** What the live client needs. */
export type SshOptions = { readonly processes: Pick<Processes, 'run'>; readonly loopbackOnly: boolean };

/** ssh's own failures, as ssh(1) has them. */
const SSH_FAILED = 255;
/** The system's ssh. See `Ssh`. */
export function makeSsh({ processes, loopbackOnly }: SshOptions): Ssh {
  const asked = async (command: Command, of: SshCommand): Promise<Finished> => {
    const given = of.signal === undefined ? {} : { signal: of.signal };
    try {
      return await processes.run(command, { timeoutMs: of.timeoutMs, ...given });
    } catch (error) {
      if (!isInfraError(error, 'process.timeout')) throw error;
      throw new InfraError('ssh.timeout', 'unavailable', `ssh ${of.host}: no answer within ${of.timeoutMs} ms.`);
    }
  };
  return {
    async run(command) {
      const { host, stdin } = command;
      assertHost(host);
      if (loopbackOnly) await assertLocal(asked, command);
      const words = command.command.map(quoted).join(' ');
      const args = [...SSH_OPTIONS, '-o', 'LogLevel=ERROR', '--', host, words];
      const ended = await asked({ program: 'ssh', args, ...(stdin === undefined ? {} : { stdin }) }, command);
      if (ended.exitCode === undefined || ended.exitCode === SSH_FAILED) throw sshError(host, ended.stderr);
      return { exitCode: ended.exitCode, stdout: ended.stdout, stderr: ended.stderr, ms: Math.round(ended.durationMs) };
    },
  };
}

/** An alias can stand for any host: ssh itself is asked which one it would connect to. */
async function assertLocal(
  asked: (command: Command, of: SshCommand) => Promise<Finished>,
  command: SshCommand,
): Promise<void> {
  const { stdout } = await asked({ program: 'ssh', args: ['-G', '--', command.host] }, command);
  assertLoopback(`ssh://${addressIn(stdout) ?? command.host}`, true);
}

/** A word for the shell that sshd hands the command to. */
function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
