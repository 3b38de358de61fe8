/** Loaded by dynamic import only, when a kubeconfig is read. */
export { LineCounter, parseDocument } from 'yaml';
