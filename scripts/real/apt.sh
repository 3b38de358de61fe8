#!/usr/bin/env bash
# Installs what the real tests need from Debian and this machine lacks. Nothing missing: nothing is asked of any mirror.
# Go comes from elsewhere: Debian's is older than the sources that build.sh compiles.
set -euo pipefail

# program:package, or a path pattern:package
needs=(
  git:git openssl:openssl curl:curl python3:python3 flock:util-linux setpriv:util-linux getent:libc-bin
  nice:coreutils cmp:diffutils ssh:openssh-client '/usr/lib/postgresql/*/bin/postgres:postgresql'
  '/usr/lib/postgresql/*/bin/psql:postgresql' /etc/ssl/certs/ca-certificates.crt:ca-certificates kubectl:kubernetes-client
)

missing=()
for need in "${needs[@]}"; do
  what=${need%%:*} package=${need##*:}
  case $what in
    /*) compgen -G "$what" >/dev/null && continue ;;
    *) command -v "$what" >/dev/null && continue ;;
  esac
  [[ " ${missing[*]-} " == *" $package "* ]] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "apt.sh: only root can install: ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
# Debian would make a database cluster of its own and start it; the tests start theirs.
if [[ " ${missing[*]} " == *' postgresql '* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  "${sudo[@]}" mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
"${sudo[@]}" apt-get update -q
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}"
