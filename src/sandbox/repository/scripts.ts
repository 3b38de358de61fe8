import type { FileSet } from './files.ts';

const TIERS = 'TIER0_STACKS="infra platform vault"';

/** `scripts/`: the wrapper around terragrunt, state encryption, and three guards. All plain sh. */
// Port 17 is nobody's: the sandbox plays no database server, and whoever asks for one has to be told.
export const SCRIPTS: FileSet = {
  'scripts/tg': `#!/bin/sh
# Runs terragrunt in one stack: guards, state in the clear before, encrypted and committed after.
set -eu
root=$(git rev-parse --show-toplevel)
stack=$(basename "$PWD")
${TIERS}
verb=\${1:-}
case " $TIER0_STACKS " in *" $stack "*) tier=0 ;; *) tier=1 ;; esac

case "$verb" in plan|apply|destroy|refresh)
  for guard in check-ingress-auth-comments.py check-allowed-groups.py check-ingress-descriptions.py; do
    "$root/scripts/$guard" "$PWD"
  done ;;
esac

if [ "$tier" = 0 ]; then
  "$root/scripts/state-sync" decrypt "$stack"
elif [ -z "\${PG_CONN_STR:-}" ]; then
  token=\${VAULT_TOKEN:-$(cat "$HOME/.vault-token")}
  creds=$(printf 'header = "X-Vault-Token: %s"\\n' "$token" |
    curl -fsS -K - "$VAULT_ADDR/v1/database/static-creds/pg-terraform-state")
  user=$(printf '%s' "$creds" | sed 's/.*"username":"\\([^"]*\\)".*/\\1/')
  pass=$(printf '%s' "$creds" | sed 's/.*"password":"\\([^"]*\\)".*/\\1/')
  export PG_CONN_STR="postgres://$user:$pass@127.0.0.1:17/terraform_state?sslmode=disable"
fi

status=0
terragrunt "$@" || status=$?
if [ "$tier" = 0 ] && [ "$verb" = apply ]; then
  "$root/scripts/state-sync" encrypt "$stack"
  git -C "$root" add "state/stacks/$stack/terraform.tfstate.enc"
  git -C "$root" diff --cached --quiet || git -C "$root" commit -q -m "state($stack): update encrypted state"
fi
exit "$status"
`,
  'scripts/state-sync': `#!/bin/sh
# Encrypts or decrypts the state of a Tier-0 stack: state-sync (encrypt|decrypt) STACK
set -eu
root=$(git rev-parse --show-toplevel)
${TIERS}
stack=$2
case " $TIER0_STACKS " in *" $stack "*) ;; *) echo "skipping Tier 1 stack $stack"; exit 0 ;; esac
plain="$root/state/stacks/$stack/terraform.tfstate"
case "$1" in
  decrypt)
    [ -f "$plain.enc" ] || exit 0
    sops -d --input-type json --output-type json --output "$plain.new" "$plain.enc"
    mv "$plain.new" "$plain" ;;
  encrypt)
    sops -e --input-type json --output-type json --config "$root/.sops.yaml" --output "$plain.enc.new" "$plain"
    mv "$plain.enc.new" "$plain.enc" ;;
esac
`,
  'scripts/check-ingress-auth-comments.py': `#!/bin/sh
# Every ingress without login (auth = "app" or "none") says why in a comment on the line above.
[ -d "\${1:-}" ] || { echo "no such folder: \${1:-}" >&2; exit 2; }
status=0
for file in "$1"/*.tf; do
  [ -f "$file" ] || continue
  awk -v file="$file" '
    /^[[:space:]]*auth[[:space:]]*=[[:space:]]*"(app|none)"/ && before !~ /# auth = / { print file ":" NR ": auth without a reason"; bad = 1 }
    { before = $0 }
    END { exit bad }' "$file" || status=1
done
exit "$status"
`,
  'scripts/check-allowed-groups.py': `#!/bin/sh
# Groups that an ingress admits are groups that exist.
[ -d "\${1:-}" ] || { echo "no such folder: \${1:-}" >&2; exit 2; }
for group in $(grep -ho 'allowed_groups *= *\\["[^"]*"' "$1"/*.tf 2>/dev/null | sed 's/.*"\\([^"]*\\)"/\\1/'); do
  case "$group" in kubernetes-*|Allow*|Headscale*) ;; *) echo "$1: unknown group $group"; exit 1 ;; esac
done
exit 0
`,
  'scripts/check-ingress-descriptions.py': `#!/bin/sh
# An ingress has a description for the home page.
[ -d "\${1:-}" ] || { echo "no such folder: \${1:-}" >&2; exit 2; }
for file in "$1"/*.tf; do
  [ -f "$file" ] || continue
  if grep -q 'module "ingress' "$file" && ! grep -q 'gethomepage.dev/description' "$file"; then
    echo "$file: ingress without gethomepage.dev/description"
    exit 1
  fi
done
exit 0
`,
};
