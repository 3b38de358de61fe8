import type { Command } from './client.ts';

/** The environment of the tool itself, handed in by whoever makes the client. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a child: the tool's own, then what the command adds, then its secrets. */
export function childEnvironment(own: Environment, command: Command): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...own, ...command.env })) if (value !== undefined) env[name] = value;
  for (const [name, secret] of Object.entries(command.secretEnv ?? {})) env[name] = secret.reveal();
  return env;
}
