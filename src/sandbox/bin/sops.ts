import { runSops } from '../sops/program.ts';
import { thisProcess } from '../this-process.ts';

process.exit(await runSops(thisProcess()));
