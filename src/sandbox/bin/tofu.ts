import { runProgram } from '../terragrunt/program.ts';
import { thisProcess } from '../this-process.ts';

process.exit(await runProgram('tofu', thisProcess()));
