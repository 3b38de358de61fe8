/** Loaded by dynamic import only, for `auth-provider` entries: the library takes 300 ms to load. */
export { KubeConfig } from '@kubernetes/client-node';
