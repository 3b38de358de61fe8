import { expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { implicitEdges } from '../../../../src/lib/stacks/graph/implicit.ts';
import { makeModuleReader } from '../../../../src/lib/stacks/source/modules.ts';
import type { Stack } from '../../../../src/lib/stacks/stack.ts';

const stack = (name: string, readsUsers = true): Stack => ({
  ...{ name, folder: `/r/stacks/${name}`, tier: 1, dependencies: [], readsUsers, empty: false },
});
const edges = async (...stacks: readonly Stack[]) =>
  (await implicitEdges(makeModuleReader(makeFiles()), stacks, 'k8s_users')).map(({ from, to }) => `${from} → ${to}`);

test('the dashboard waits for rbac, whose tokens it looks up under names that are computed', async () => {
  expect(await edges(stack('k8s-dashboard'), stack('rbac'))).toEqual(['k8s-dashboard → rbac']);
  expect(await edges(stack('k8s-dashboard', false), stack('rbac'))).toEqual([]);
  expect(await edges(stack('k8s-dashboard'))).toEqual([]);
});
