import { InfraCommand } from '../../lib/cli/command.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { chosenFormat, graphFlags, viewOf } from '../../lib/cli/stack-graph-view.ts';
import { resolveNames, stackArg } from '../../lib/cli/stack-selection.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { stackGraph } from '../../lib/documents/stack-graph.ts';
import { graphText } from '../../lib/render/stack-graph.ts';
import { dotText, mermaidText } from '../../lib/render/stack-graph-formats.ts';
import { readGraph } from '../../lib/stacks/graph/read-graph.ts';
import { verifyGraph } from '../../lib/stacks/graph/verify.ts';

/** Reads the repository's files, with --verify also terragrunt find; writes nothing. Exits 0, 2, 3, 64, 69, 78. */
export default class StackGraph extends InfraCommand<typeof stackGraph> {
  static override summary = 'What needs what: declared dependencies, and those that nobody declares.';
  static override examples = [
    '<%= config.bin %> stack graph',
    '<%= config.bin %> stack graph vault --down',
    '<%= config.bin %> stack graph --format mermaid',
    '<%= config.bin %> stack graph --verify',
  ];
  static override args = { stack: { ...stackArg, description: 'Only what it needs and what needs it.' } };
  static override flags = graphFlags;

  protected override readonly document = stackGraph;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof stackGraph>>> {
    const { args, flags } = await this.parse(StackGraph);
    const format = chosenFormat(flags, args.stack);
    const context = this.context();
    const site = await context.site('read');
    const clients = await context.clients('files');
    const { stacks, graph } = await readGraph(clients, site);
    const around = { clients, cwd: this.host.cwd };
    const [focus] = args.stack === undefined ? [] : await resolveNames(around, stacks, [args.stack]);
    const differences = flags.verify
      ? await verifyGraph(await context.clients('terragrunt'), site, stacks, this.signal)
      : undefined;
    const view = viewOf({ stacks, graph, focus: focus?.name, flags, differences });
    return {
      status: view.status,
      payload: view.payload,
      text: (style) => {
        if (format === 'dot') return dotText(view.graph);
        return format === 'mermaid' ? mermaidText(view.graph) : graphText(style, view);
      },
    };
  }
}
