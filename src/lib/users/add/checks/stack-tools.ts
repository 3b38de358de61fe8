import type { ApplyOrder } from '../../../stacks/order.ts';
import type { AddContext } from '../request.ts';
import { answer, type CheckAnswer } from './check.ts';

export async function checkStackTools(_context: AddContext, _order: ApplyOrder): Promise<CheckAnswer> {
  return answer('users.add.stacks', 'stacks', 'PASS', 'TODO');
}
