import { everySeed } from './every-seed.ts';

// Every second world; the others run beside these, in a process of their own.
everySeed((index) => index % 2 === 0);
