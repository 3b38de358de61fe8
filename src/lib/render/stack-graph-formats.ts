import type { StackGraph } from '../stacks/graph/graph.ts';

/** The graph in Graphviz's language; `a -> b` says that a needs b, as in terragrunt's own. */
export function dotText(graph: StackGraph): string {
  const quoted = (name: string): string => `"${name.replace(/["\\]/g, '\\$&')}"`;
  const nodes = graph.nodes.map((name) => `  ${quoted(name)};`);
  const edges = graph.edges.map(({ from, to, source }) => {
    const look = source === 'declared' ? '' : ` [style=dashed, label=${quoted(source)}]`;
    return `  ${quoted(from)} -> ${quoted(to)}${look};`;
  });
  return ['digraph stacks {', '  rankdir = LR;', ...nodes, ...edges, '}'].join('\n');
}

/** The graph in Mermaid's language, for Markdown. Names are labels: some would be words of the language. */
export function mermaidText(graph: StackGraph): string {
  const ids = new Map(graph.nodes.map((name, index) => [name, `s${index}`]));
  const label = (name: string): string => name.replaceAll('&', '#amp;').replaceAll('"', '#quot;');
  const nodes = [...ids].map(([name, id]) => `  ${id}["${label(name)}"]`);
  const edges = graph.edges.map(({ from, to, source }) => {
    const arrow = source === 'declared' ? '-->' : `-. ${source} .->`;
    return `  ${ids.get(from)} ${arrow} ${ids.get(to)}`;
  });
  return ['graph LR', ...nodes, ...edges].join('\n');
}
