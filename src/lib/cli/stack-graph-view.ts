import { Flags } from '@oclif/core';
import type { PayloadOf } from '../documents/envelope.ts';
import type { stackGraph } from '../documents/stack-graph.ts';
import { InfraError, type StatusName, worstStatus } from '../errors.ts';
import type { GraphView } from '../render/stack-graph.ts';
import type { StackGraph } from '../stacks/graph/graph.ts';
import { sliceOf } from '../stacks/graph/slice.ts';
import type { Difference } from '../stacks/graph/verify.ts';
import type { Stack } from '../stacks/stack.ts';

const FORMATS = ['text', 'dot', 'mermaid', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** The flags of `stack graph`. */
export const graphFlags = {
  up: Flags.boolean({ description: 'With a stack: only what it needs.', default: false }),
  down: Flags.boolean({ description: 'With a stack: only what needs it.', default: false }),
  depth: Flags.integer({ description: 'With a stack: at most so many steps away.', min: 1, helpValue: 'N' }),
  format: Flags.option({ description: 'How to print it; json is --json.', options: FORMATS })(),
  verify: Flags.boolean({
    description: 'Compare with terragrunt find, which hides units that it cannot read.',
    default: false,
  }),
};

type GivenFlags = {
  readonly up: boolean;
  readonly down: boolean;
  readonly depth?: number | undefined;
  readonly format?: Format | undefined;
  readonly json?: boolean | undefined;
};

/** The format that was asked for. Errors: `usage.two-formats`, `usage.needs-stack` (64). */
export function chosenFormat(flags: GivenFlags, stack: string | undefined): Format {
  if (flags.json === true && flags.format !== undefined && flags.format !== 'json') {
    throw new InfraError(
      'usage.two-formats',
      'usage',
      `--json is --format json; it does not go with --format ${flags.format}.`,
    );
  }
  if (stack === undefined && (flags.up || flags.down || flags.depth !== undefined)) {
    throw new InfraError('usage.needs-stack', 'usage', '--up, --down and --depth are looks from one stack. Which?', {
      hints: ['infra stack graph vault --down', 'infra stack graph . --up   (the stack of the working directory)'],
    });
  }
  return flags.format ?? 'text';
}

/** What to show, how it ends, and the document's part. A cycle or a target that is not there is a FAIL. */
export function viewOf(found: {
  readonly stacks: readonly Stack[];
  readonly graph: StackGraph;
  readonly focus: string | undefined;
  readonly flags: GivenFlags;
  readonly differences: readonly Difference[] | undefined;
}): GraphView & { readonly status: StatusName; readonly payload: PayloadOf<typeof stackGraph> } {
  const { flags, focus, stacks, differences } = found;
  const both = flags.up === flags.down;
  const sides = { up: both || flags.up, down: both || flags.down };
  const graph = focus === undefined ? found.graph : sliceOf(found.graph, focus, sides, flags.depth);
  const shown = new Set(graph.nodes);
  return {
    graph,
    stacks,
    ...(focus === undefined ? {} : { focus: { name: focus, ...sides } }),
    ...(differences === undefined ? {} : { differences }),
    status: statusOf(graph, differences ?? []),
    payload: {
      ...(focus === undefined ? {} : { focus }),
      stacks: stacks
        .filter(({ name }) => shown.has(name))
        .map(({ name, tier, scaffold }) => ({ name, tier, scaffold: scaffold === true })),
      edges: [...graph.edges],
      missing: [...graph.missing],
      cycles: graph.cycles.map((cycle) => [...cycle]),
      waves: graph.waves.map((wave) => [...wave]),
      unordered: [...graph.unordered],
      ...(differences === undefined ? {} : { verified: { differences: [...differences] } }),
    },
  };
}

function statusOf(graph: StackGraph, differences: readonly Difference[]): StatusName {
  const isWrong =
    graph.cycles.length > 0 || graph.missing.some(({ kind }) => kind === 'missing') || differences.length > 0;
  const isOpen = graph.missing.some(({ kind }) => kind === 'unresolved');
  return worstStatus([isWrong ? 'fail' : 'ok', isOpen ? 'unknown' : 'ok']);
}
