/** Loaded by dynamic import only, when a database is asked. */
export { Client } from 'pg';
