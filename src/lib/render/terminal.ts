/** What is known about a stream and its surroundings. */
export type StreamFacts = {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--no-color` was given. */
  readonly noColor: boolean;
};

/** How text may look on one stream. */
export type Terminal = {
  /** Colour level of chalk: 0 none, 1 sixteen colours, 2 256, 3 millions. */
  readonly colorLevel: 0 | 1 | 2 | 3;
  /** Columns to wrap at, 40 to 120. */
  readonly width: number;
  /** Whether lines may be redrawn; otherwise progress is one plain line per result. */
  readonly interactive: boolean;
  /** Whether ✓ and its like can be shown. */
  readonly unicode: boolean;
};

const DEFAULT_WIDTH = 80;
const MIN_WIDTH = 40;
const MAX_WIDTH = 120;

/** `FORCE_COLOR`: 0 or false is none, 1 to 3 a level, anything else (also empty) sixteen colours; see force-color.org. */
function forcedLevel(value: string): Terminal['colorLevel'] {
  if (value === '0' || value === 'false') return 0;
  return value === '2' ? 2 : value === '3' ? 3 : 1;
}

function colorLevel({ isTTY, env, noColor }: StreamFacts): Terminal['colorLevel'] {
  if (noColor) return 0;
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0;
  if (env.FORCE_COLOR !== undefined) return forcedLevel(env.FORCE_COLOR);
  if (!isTTY || env.TERM === 'dumb') return 0;
  if (env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit') return 3;
  return env.TERM?.includes('256color') ? 2 : 1;
}

/**
 * Decides how text may look. `--no-color` and NO_COLOR (no-color.org: any value but the empty one) win over FORCE_COLOR;
 * a terminal that says it has 0 columns, a dumb one and CI get plain lines.
 */
export function terminalOf(facts: StreamFacts): Terminal {
  const columns = facts.columns === undefined || facts.columns < 1 ? undefined : facts.columns;
  const { TERM, CI } = facts.env;
  const isCi = CI !== undefined && CI !== '' && CI !== 'false';
  return {
    colorLevel: colorLevel(facts),
    width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, (facts.isTTY ? columns : undefined) ?? DEFAULT_WIDTH)),
    interactive: facts.isTTY && TERM !== 'dumb' && !isCi && columns !== undefined && columns >= MIN_WIDTH,
    unicode: TERM !== 'dumb' && TERM !== 'linux',
  };
}
