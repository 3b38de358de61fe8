/** Loaded by dynamic import only, when a command is run in a container. */
export { WebSocket } from 'ws';
