/** A command on another host: words, each of which reaches the program as it is. It must only read. */
export type SshCommand = {
  /** A name that `~/.ssh/config` knows, or `user@host`. */
  readonly host: string;
  readonly command: readonly string[];
  /** Goes to the command's stdin; never a secret. */
  readonly stdin?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

/** How the command ended there. */
export type SshAnswer = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
};

/**
 * Commands on other hosts by the system's own ssh, with the operator's configuration, keys and known hosts. It never
 * asks: no password, no new host key. Errors: `ssh.unreachable` (69), `ssh.timeout` (69), `ssh.denied` (77), `ssh.host-key` (77),
 * `ssh.bad-host` (78), `ssh.failed` (69: ssh itself, for another reason), `process.not-found` (78), `network.not-loopback` (78).
 * A command that fails there is a value.
 */
export type Ssh = { run(command: SshCommand): Promise<SshAnswer> };
