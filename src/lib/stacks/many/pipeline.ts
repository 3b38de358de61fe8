type Env = Readonly<Record<string, string | undefined>>;

/** Woodpecker and most others set CI to something; `false` and 0 switch it off. */
export function isPipeline({ CI }: Env): boolean {
  return CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
}

/** What Woodpecker itself takes for a wish not to run (server/pipeline: `[skip ci]`, `[ci skip]`, in any case). */
const SKIP = /\[(?:ci\s*skip|skip\s*ci)\]/i;

/**
 * Why a pipeline has nothing to apply, or undefined: the commit says so, or the pipeline belongs to another forge than
 * `forge` (a mirror runs the same pipeline for the same commit, and both would apply). A pipeline that does not tell its
 * forge applies. Reads CI, CI_PIPELINE_EVENT, CI_COMMIT_MESSAGE, CI_FORGE_URL and CI_REPO_URL, as Woodpecker sets them.
 */
export function skipReason(env: Env, forge: string | undefined): string | undefined {
  if (!isPipeline(env)) return undefined;
  const isPush = (env.CI_PIPELINE_EVENT ?? 'push') === 'push';
  if (isPush && SKIP.test(env.CI_COMMIT_MESSAGE ?? '')) return 'the commit says [ci skip]';
  const own = hostOf(env.CI_FORGE_URL) ?? hostOf(env.CI_REPO_URL);
  const wanted = hostOf(forge);
  if (own === undefined || wanted === undefined || own === wanted) return undefined;
  return `this pipeline belongs to ${own}; those of ${wanted} apply`;
}

/** The host of an address, or of a bare `host[:port]`. */
function hostOf(address: string | undefined): string | undefined {
  if (address === undefined || address === '') return undefined;
  const text = address.includes('://') ? address : `https://${address}`;
  return URL.canParse(text) ? new URL(text).hostname : undefined;
}
