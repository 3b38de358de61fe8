/** Loaded by dynamic import only: execa takes longer to load than most commands take to run. */
export { execa } from 'execa';
