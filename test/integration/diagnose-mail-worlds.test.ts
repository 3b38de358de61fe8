import { everyMailSeed } from './every-mail-seed.ts';

// Every second world; the others run beside these, in a process of their own.
everyMailSeed((index) => index % 2 === 0);
