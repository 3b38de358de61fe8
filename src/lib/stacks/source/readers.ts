import { withoutComments } from './hcl-text.ts';
import type { Module } from './modules.ts';

/**
 * True when one of the modules names the users' key (`k8s_users`) outside comments. `modules` are those reachable
 * from the stack's root module, so that left-over folders that nobody calls do not make a reader.
 */
export function namesKey(modules: readonly Module[], key: string): boolean {
  const word = new RegExp(`(?<![\\w-])${key.replace(/[^\w]/g, '\\$&')}(?![\\w-])`);
  return modules.some((module) =>
    module.files.some(({ text }) => text.includes(key) && word.test(withoutComments(text))),
  );
}

/** True when no module declares a resource, a data source or a module: a shell that is kept for its place in the order. */
export function isEmpty(modules: readonly Module[]): boolean {
  return !modules.some((module) =>
    module.files.some(
      ({ text }) =>
        /\b(resource|data|module)\b/.test(text) && /^\s*(resource|data|module)\s+"/m.test(withoutComments(text)),
    ),
  );
}

/** Secrets of Kubernetes that modules declare and read, by name, where `*` stands for what is computed. */
export function kubernetesSecrets(modules: readonly Module[]): {
  readonly declares: readonly string[];
  readonly reads: readonly string[];
} {
  const names = (kind: 'resource' | 'data'): readonly string[] =>
    modules.flatMap((module) =>
      module.bodies().flatMap((body) =>
        body.blocks
          .filter((block) => block.type === kind && /^kubernetes_secret(_v1)?$/.test(block.labels[0] ?? ''))
          .flatMap((block) => block.body.blocks.filter((inner) => inner.type === 'metadata'))
          .flatMap((metadata) => {
            const value = metadata.body.attributes.get('name');
            const only = value?.length === 1 ? value[0] : undefined;
            return only?.kind === 'string' ? [only.text.replace(/\$\{[^}]*\}/g, '*')] : [];
          }),
      ),
    );
  return { declares: names('resource'), reads: names('data') };
}
