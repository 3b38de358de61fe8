import type { Edge, StackGraph } from '../stacks/graph/graph.ts';
import type { Difference } from '../stacks/graph/verify.ts';
import type { Stack } from '../stacks/stack.ts';
import { printable } from './printable.ts';
import { treeLines } from './stack-graph-tree.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** What is shown: a whole graph, or the part around `focus` on the sides that were asked for. */
export type GraphView = {
  readonly graph: StackGraph;
  readonly stacks: readonly Stack[];
  readonly focus?: { readonly name: string; readonly up: boolean; readonly down: boolean };
  /** Undefined unless terragrunt was asked too. */
  readonly differences?: readonly Difference[];
};

/** The graph as trees; first what is wrong with it, last what nobody declares. */
export function graphText(style: Style, view: GraphView): string {
  const { focus } = view;
  const blocks = [
    ...problemLines(style, view.graph),
    ...(focus === undefined ? wholeBlocks(style, view) : focusBlocks(style, view, focus)),
    ...implicitBlock(style, view.graph.edges),
    ...differencesBlock(style, view.differences),
  ];
  return blocks.join('\n\n');
}

/** What makes the graph wrong, a line each. Empty when nothing does. */
function problemLines(style: Style, { cycles, missing }: StackGraph): readonly string[] {
  const arrow = style.unicode ? ' → ' : ' -> ';
  const lines = [
    ...cycles.map((cycle) => `${style.mark('FAIL')} cycle: ${[...cycle, cycle[0] ?? ''].map(printable).join(arrow)}`),
    ...missing.map(({ stack, target, kind }) => {
      const [name, to] = [printable(stack), printable(target)];
      if (kind === 'missing') return `${style.mark('FAIL')} ${name} depends on ${to}, which is no stack here`;
      if (kind === 'outside') return `${style.mark('WARN')} ${name} depends on ${to}, outside the folder of stacks`;
      return `${style.mark('UNKNOWN')} ${name} depends on ${to}, which the text does not tell`;
    }),
  ].map((line) => wrap(line, style.width, '', '  '));
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function wholeBlocks(style: Style, { graph, stacks }: GraphView): readonly string[] {
  const declared = graph.edges.filter((edge) => edge.source === 'declared');
  const linked = new Set(declared.flatMap(({ from, to }) => [from, to]));
  const scaffolds = new Set(stacks.filter((stack) => stack.scaffold === true).map(({ name }) => name));
  const needing = new Set(declared.map(({ from }) => from));
  const alone = graph.nodes.filter((name) => !linked.has(name));
  const cyclic = [...new Set(graph.cycles.map(([first = '']) => first))];
  const roots = [...graph.nodes.filter((name) => linked.has(name) && !needing.has(name)), ...cyclic];
  const waves = graph.waves.length === 0 ? '' : ` in ${count(graph.waves.length, 'wave')}`;
  const head = `${style.bold(count(graph.nodes.length, 'stack'))}, ${count(declared.length, 'dependency', 'dependencies')}${waves}`;
  const label = labelOf(style, graph, scaffolds);
  return [
    `${head}\n${treeLines(style, graph, roots, 'down', label).join('\n')}`,
    ...(alone.length > 0 ? [wrap(`Without any: ${alone.map(label).join(', ')}`, style.width, '', '  ')] : []),
  ];
}

function focusBlocks(
  style: Style,
  { graph, stacks }: GraphView,
  focus: NonNullable<GraphView['focus']>,
): readonly string[] {
  const stack = stacks.find(({ name }) => name === focus.name);
  const label = labelOf(style, graph, new Set());
  const side = (direction: 'up' | 'down'): string => {
    const lines = treeLines(style, graph, [focus.name], direction, label);
    const others = lines.slice(1);
    const title = direction === 'up' ? 'needs' : 'is needed by';
    if (others.length === 0) return `${title}: nothing${direction === 'up' ? '' : ' that declares it'}`;
    return [`${title}:`, ...others.map((line) => line.replace(/\n/g, '\n  ')).map((line) => `  ${line}`)].join('\n');
  };
  return [
    `${style.bold(printable(focus.name))} · Tier ${stack?.tier ?? '?'}`,
    ...(focus.up ? [side('up')] : []),
    ...(focus.down ? [side('down')] : []),
  ];
}

/** A name, marked when it waits for something that it does not declare. */
function labelOf(style: Style, graph: StackGraph, scaffolds: ReadonlySet<string>): (name: string) => string {
  const waiting = new Set(graph.edges.filter((edge) => edge.source !== 'declared').map(({ from }) => from));
  return (name) => {
    const scaffold = scaffolds.has(name) ? style.dim(' (scaffold)') : '';
    return `${printable(name)}${waiting.has(name) ? '*' : ''}${scaffold}`;
  };
}

function implicitBlock(style: Style, edges: readonly Edge[]): readonly string[] {
  const implicit = edges.filter((edge) => edge.source !== 'declared');
  if (implicit.length === 0) return [];
  const rows = implicit.map(({ from, to, because }) => [
    `${printable(from)}*`,
    `${style.unicode ? '→' : '->'} ${printable(to)}`,
    printable(because),
  ]);
  return [`* needs what it does not declare\n${table(rows, { width: style.width, indent: '  ' })}`];
}

function differencesBlock(style: Style, differences: readonly Difference[] | undefined): readonly string[] {
  if (differences === undefined) return [];
  if (differences.length === 0) return [`${style.mark('PASS')} terragrunt find sees the same stacks and dependencies`];
  return [
    differences.map(({ text }) => wrap(`${style.mark('FAIL')} ${printable(text)}`, style.width, '', '  ')).join('\n'),
  ];
}

function count(number: number, noun: string, many = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : many}`;
}
