import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { Files } from '../files/client.ts';
import { badConfig } from './errors.ts';
import { type Json, list, object, text } from './shape.ts';

/** An entry of a kubeconfig and the folder that its relative paths start from. */
export type Named = { readonly value: Json; readonly folder: string; readonly file: string };

/** Several kubeconfig files as one. */
export type Kubeconfig = {
  readonly clusters: ReadonlyMap<string, Named>;
  readonly users: ReadonlyMap<string, Named>;
  readonly contexts: ReadonlyMap<string, Named>;
  readonly currentContext: string | undefined;
  /** The files that were read, in order. */
  readonly files: readonly string[];
};

/** Where to look. `path` (from infra.yaml or a flag) is one file that must exist; else KUBECONFIG; else ~/.kube/config. */
export type Places = {
  readonly path?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
};

/** The kubeconfig files in order, and the name of what decided them. */
export function kubeconfigFiles(places: Places): { readonly paths: readonly string[]; readonly source: string } {
  if (places.path !== undefined) return { paths: [inHome(places.path, places.home)], source: 'kubernetes.kubeconfig' };
  const named = (places.env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  if (named.length > 0) return { paths: [...new Set(named)], source: 'KUBECONFIG' };
  return { paths: places.home === '' ? [] : [join(places.home, '.kube', 'config')], source: '~/.kube/config' };
}

/**
 * Reads and merges as kubectl does (client-go tools/clientcmd/loader.go): files that do not exist are skipped, the
 * first file that names a cluster, user, context or the current context wins, whole entries at a time. A file that
 * is not a kubeconfig is an error (`kubernetes.bad-config`), and the message never quotes the file.
 */
export async function loadKubeconfig(paths: readonly string[], files: Pick<Files, 'read'>): Promise<Kubeconfig> {
  const clusters = new Map<string, Named>();
  const users = new Map<string, Named>();
  const contexts = new Map<string, Named>();
  const read: string[] = [];
  let currentContext: string | undefined;
  for (const path of paths) {
    const content = await files.read(path);
    if (content === undefined) continue;
    read.push(path);
    const document = await parse(path, content);
    collect(clusters, document, 'clusters', 'cluster', path);
    collect(users, document, 'users', 'user', path);
    collect(contexts, document, 'contexts', 'context', path);
    currentContext ??= text(document['current-context']);
  }
  return { clusters, users, contexts, currentContext, files: read };
}

/** A path of an entry, relative to the folder of its file. */
export function pathIn(entry: Named, path: string): string {
  return isAbsolute(path) ? path : join(entry.folder, path);
}

async function parse(path: string, content: string): Promise<Json> {
  const { LineCounter, parseDocument } = await import('./yaml-shim.ts');
  const lineCounter = new LineCounter();
  // Pretty errors would quote the file, and a kubeconfig holds keys.
  const document = parseDocument(content, { prettyErrors: false, lineCounter });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lineCounter.linePos(error.pos[0]);
    throw badConfig(`The kubeconfig ${path} is not YAML: ${error.code} in line ${line}.`);
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw badConfig(`The kubeconfig ${path} is not a mapping of clusters, users and contexts.`);
  return object(value);
}

function collect(into: Map<string, Named>, document: Json, plural: string, singular: string, file: string): void {
  const seen = new Set<string>();
  for (const item of list(document[plural])) {
    const name = text(object(item).name);
    if (name === undefined) throw badConfig(`The kubeconfig ${file} has an entry without a name in ${plural}.`);
    if (seen.has(name)) throw badConfig(`The kubeconfig ${file} names "${name}" twice in ${plural}.`);
    seen.add(name);
    if (!into.has(name)) into.set(name, { value: object(object(item)[singular]), folder: dirname(file), file });
  }
}

function inHome(path: string, home: string): string {
  return path.startsWith('~/') && home !== '' ? join(home, path.slice(2)) : path;
}
