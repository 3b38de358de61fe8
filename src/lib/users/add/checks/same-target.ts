import type { Stack } from '../../../stacks/stack.ts';
import type { AddContext } from '../request.ts';
import { answer, type CheckAnswer } from './check.ts';

export async function checkSameTarget(_context: AddContext, _stacks: readonly Stack[]): Promise<CheckAnswer> {
  return answer('users.add.same-target', 'same platform', 'PASS', 'TODO');
}
