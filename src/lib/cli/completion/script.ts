/** Shells that can be completed in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/**
 * Each script asks `infra --complete WORD…` with the words up to the cursor (the last one may be empty) and gets one
 * candidate a line, `value<TAB>description`. The scripts know no commands, so an update never makes them stale.
 */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `# bash completion of infra. Load it with: source <(infra completion bash)
_infra() {
  local value description
  COMPREPLY=()
  while IFS=$'\\t' read -r value description; do
    COMPREPLY+=("$value")
  done < <(infra --complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _infra infra`,
  zsh: `#compdef infra
# zsh completion of infra. Load it with: source <(infra completion zsh)
_infra() {
  local -a candidates
  local value description
  while IFS=$'\\t' read -r value description; do
    candidates+=("\${value//:/\\\\:}:$description")
  done < <(infra --complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then _describe infra candidates; else _files; fi
}
if [[ "\${funcstack[1]}" == _infra ]]; then _infra "$@"; else compdef _infra infra; fi`,
  fish: `# fish completion of infra. Load it with: infra completion fish | source
function __infra_complete
  set -l words (commandline -opc)
  infra --complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c infra -f -a '(__infra_complete)'
complete -c infra -l repo -x -a '(__fish_complete_directories)'`,
};

/** The script for a shell, without a line end. */
export function shellScript(shell: (typeof SHELLS)[number]): string {
  return SCRIPTS[shell];
}
