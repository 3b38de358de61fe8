import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { stackApply } from './stack-apply.ts';
import { userAdd } from './user-add.ts';

const { result: added, ...ofUserAdd } = userAdd.payload.shape;
const { result: applied, ...ofStackApply } = stackApply.payload.shape;

/**
 * `infra run resume --json`: the document of the operation that went on, and the run it went on from. Keys of the other
 * operation are not there.
 */
export const runResume = {
  command: 'run resume',
  payload: z.object({
    resumed: z.string(),
    operation: z.enum(['user add', 'stack apply']),
    result: z.enum([...new Set([...added.options, ...applied.options])]),
    ...z.object(ofUserAdd).partial().shape,
    ...z.object(ofStackApply).partial().shape,
  }),
} satisfies CommandDocument;
