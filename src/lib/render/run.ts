import type { JournalLine } from '../operation/journal-line.ts';
import type { RunSummary } from '../operation/run-state.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** The executions of this machine, newest first. */
export function runListText(style: Style, runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'No run has left a journal here yet.';
  const rows = runs.map((run) => [run.id, shortTime(run.startedAt), run.operation, run.target, run.code ?? run.state]);
  return table(rows, { width: style.width, head: ['run', 'started (UTC)', 'operation', 'target', 'ended'] });
}

/** One execution: what it was, every journal line, and how to go on. */
export function runShowText(
  style: Style,
  run: RunSummary,
  lines: readonly JournalLine[],
  damaged: number,
  next: string | undefined,
): string {
  const out = [style.bold(`${run.operation} ${run.target}`), `started ${run.startedAt}, ${endText(run)}`, ''];
  out.push(
    ...lines.map((line) =>
      `  ${line.at.slice(11, 19)}  ${line.event.padEnd(17)} ${line.step ?? ''}${detailSuffix(line)}`.trimEnd(),
    ),
  );
  if (damaged > 0) out.push(`  ${damaged} lines could not be read.`);
  if (next !== undefined) out.push('', `To go on: ${next}`);
  return out.join('\n');
}

/** The one fact of a journal line that helps a reader, or undefined. */
export function lineDetail(line: JournalLine): string | undefined {
  const data = line.data ?? {};
  const detail = data.detail ?? data.message ?? data.status ?? data.state ?? data.event;
  return typeof detail === 'string' ? detail : undefined;
}

function detailSuffix(line: JournalLine): string {
  const detail = lineDetail(line);
  return detail === undefined ? '' : `: ${detail}`;
}

function endText(run: RunSummary): string {
  if (run.endedAt === undefined) return run.state === 'running' ? 'running now' : `${run.state}, it wrote no last line`;
  return `ended ${run.endedAt}: ${run.state}${run.code === undefined ? '' : ` (${run.code})`}`;
}

function shortTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}
