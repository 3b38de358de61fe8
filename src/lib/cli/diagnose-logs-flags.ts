import { InfraError } from '../errors.ts';

/** Flags of `infra diagnose logs` that say where to read. */
export type WhereFlags = {
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  readonly selector?: string | undefined;
  readonly container?: string | undefined;
  /** Milliseconds. */
  readonly since?: number | undefined;
};

/** Where to read: files (`-` is stdin), or pods of one namespace. */
export type Where =
  | { readonly files: readonly string[] }
  | {
      readonly namespace: string;
      readonly pod?: string;
      readonly selector?: string;
      readonly container?: string;
      readonly sinceSeconds: number;
    };

const DEFAULT_SINCE_MS = 3_600_000;
const HINTS = [
  'kubectl logs POD | infra diagnose logs -',
  'infra diagnose logs --namespace authentik --selector app=web',
];

/** Decides where to read from. Errors: `usage.logs` (64): nothing named at a terminal, or files and pods at once. */
export function whereOf(files: readonly string[], flags: WhereFlags, isTerminal: boolean): Where {
  const { namespace, pod, selector, container, since } = flags;
  if (namespace === undefined) {
    const stray = Object.entries({ pod, selector, container, since }).find(([, value]) => value !== undefined)?.[0];
    if (stray !== undefined) throw wrong(`--${stray} needs --namespace.`);
    if (files.length === 0 && isTerminal) throw wrong('No log: name files, - for stdin, or --namespace with a pod.');
    if (files.filter((file) => file === '-').length > 1) throw wrong('stdin (-) can be read only once.');
    return { files: files.length === 0 ? ['-'] : files };
  }
  if (files.length > 0) throw wrong('Either files or --namespace, not both.');
  if ((pod === undefined) === (selector === undefined))
    throw wrong('--namespace needs --pod or --selector, one of them.');
  return {
    namespace,
    ...(pod === undefined ? {} : { pod }),
    ...(selector === undefined ? {} : { selector }),
    ...(container === undefined ? {} : { container }),
    sinceSeconds: Math.max(1, Math.round((since ?? DEFAULT_SINCE_MS) / 1000)),
  };
}

function wrong(message: string): InfraError {
  return new InfraError('usage.logs', 'usage', message, { hints: HINTS });
}
