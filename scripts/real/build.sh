#!/usr/bin/env bash
# Builds every tool of tools.txt that is missing or out of date.
#
#   scripts/real/build.sh             all of them
#   scripts/real/build.sh vault tofu  only these
#   scripts/real/build.sh --resolve … also completes go.mod and go.sum of the wrapper modules (for whoever changes a version)
#
# Everything lands in ${INFRA_REAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/infra-real}: bin/ holds the tools and, in bin/.built/,
# the key each was built from; gomod/ and gocache/ only save time and may be deleted.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${INFRA_REAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/infra-real}
bin=$cache/bin
mod=readonly
if [ "${1:-}" = --resolve ]; then mod=mod; shift; fi

export GOMODCACHE=$cache/gomod GOCACHE=$cache/gocache GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0 GOFLAGS="-mod=$mod -buildvcs=false"

wanted() { # name args…
  local name=$1; shift
  [ $# -eq 0 ] && return 0
  local each; for each; do [ "$each" = "$name" ] && return 0; done
  return 1
}

key() { # module package tags ldflags
  { cat "$here/modules/$1/"*; printf '%s\n' "${@:2}" "$go_version"; } | sha256sum | cut -d' ' -f1
}

build() { # name module package tags ldflags
  local tags=(); [ -n "$4" ] && tags=(-tags "$4")
  (cd "$here/modules/$2" && nice -n 10 go build -trimpath "${tags[@]}" -ldflags "-s -w $5" -o "$bin/.building-$1" "$3") || return 1
  mv -f "$bin/.building-$1" "$bin/$1"
}

if ! command -v go >/dev/null; then
  echo "build.sh: no go on PATH: the real tools are built from source, Go 1.26.6 or newer is needed" >&2
  exit 1
fi
go_version=$(go env GOVERSION GOOS GOARCH)
mkdir -p "$bin/.built"
exec 9>"$cache/lock"
flock 9 # one build at a time: it is bound by the processors

failed=()
while IFS='|' read -r name module package tags ldflags; do
  read -r name <<<"$name"; read -r module <<<"$module"; read -r package <<<"$package"; read -r tags <<<"$tags"; read -r ldflags <<<"$ldflags"
  case $name in '' | '#'*) continue ;; esac
  wanted "$name" "$@" || continue
  [ "$tags" = - ] && tags=
  [ "$ldflags" = - ] && ldflags=
  if [ -x "$bin/$name" ] &&
    [ "$(cat "$bin/.built/$name" 2>/dev/null)" = "$(key "$module" "$package" "$tags" "$ldflags")" ]; then
    continue
  fi
  SECONDS=0
  echo "build.sh: building $name" >&2
  if build "$name" "$module" "$package" "$tags" "$ldflags" </dev/null; then
    key "$module" "$package" "$tags" "$ldflags" >"$bin/.built/$name"
    echo "build.sh: built $name in ${SECONDS} s" >&2
  else
    rm -f "$bin/.building-$name"
    failed+=("$name")
  fi
done <"$here/tools.txt"

if [ ${#failed[@]} -gt 0 ]; then
  echo "build.sh: could not build: ${failed[*]}" >&2
  exit 1
fi
