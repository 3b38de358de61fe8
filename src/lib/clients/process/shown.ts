import { makeRedactor, type Redactor } from '../../secrets/redaction.ts';
import { Secret } from '../../secrets/secret.ts';
import type { Command } from './client.ts';

const SECRET_FLAG = /^(--?[\w-]*(?:token|password|passwd|secret|key)[\w-]*=).+/i;
const LONGEST = 300;

/**
 * Tells the redactor what a command gets as a secret, since programs repeat it in their errors: the value, and the
 * password of a connection string also by itself.
 */
export function learnSecrets(command: Command, redactor: Redactor): void {
  for (const secret of Object.values(command.secretEnv ?? {})) {
    const value = secret.reveal();
    redactor.learn(value);
    const password = URL.canParse(value) ? new URL(value).password : '';
    redactor.learn(password);
    redactor.learn(decodeURIComponent(password));
  }
}

/**
 * A command as it may stand in an error: no secret of its own, nothing secret-shaped, and the value of no flag
 * that sounds like a secret. Secrets do not belong in argv; this is for the day when one gets there.
 */
export function shownCommand(command: Command, redactor: Redactor = makeRedactor()): string {
  const own = makeRedactor(Object.values(command.secretEnv ?? {}).map((secret) => secret.reveal()));
  if (command.stdin instanceof Secret) own.learn(command.stdin.reveal());
  const args = command.args.map((arg) => arg.replace(SECRET_FLAG, '$1[secret]'));
  const line = own.redact(redactor.redact([command.program, ...args].join(' ')));
  return line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line;
}
