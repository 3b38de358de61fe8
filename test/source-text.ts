/** One token that may hide others: a comment, a string, a template, or a regular expression after `(`, `=`, `,` or `:`. */
const HIDING =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`)|(?<=[(=,:]\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//g;

/** Source text with its comments blanked; line ends stay. */
export function withoutComments(source: string): string {
  return source.replace(HIDING, (token, comment: string | undefined) =>
    comment === undefined ? token : token.replace(/[^\n]/g, ' '),
  );
}

/** Source text with its strings blanked. What stands inside `${}` of a template stays: it is code. */
export function withoutStrings(source: string): string {
  return source.replace(HIDING, (token, _comment, string: string | undefined) => {
    if (string === undefined) return token;
    if (!string.startsWith('`')) return "''";
    return [...string.matchAll(/\$\{([^}]*)\}/g)].map(([, code]) => ` ${code} `).join(';');
  });
}
