#!/usr/bin/env bash
# Installs what the real tests need from Debian and this machine lacks. Nothing missing: nothing is asked of any mirror.
# Go comes from elsewhere: Debian's is older than the sources that build.sh compiles.
set -euo pipefail

# program:package, or a path pattern:package
needs=(
  git:git openssl:openssl curl:curl python3:python3 flock:util-linux setpriv:util-linux getent:libc-bin
  nice:coreutils cmp:diffutils ssh:openssh-client '/usr/lib/postgresql/*/bin/postgres:postgresql'
  '/usr/lib/postgresql/*/bin/psql:postgresql' /usr/lib/postfix/sbin/master:postfix /usr/lib/dovecot/imap-login:dovecot-imapd
  /usr/lib/dovecot/lmtp:dovecot-lmtpd /usr/sbin/haproxy:haproxy /usr/sbin/sshd:openssh-server /usr/sbin/nsd:nsd
  /usr/sbin/unbound:unbound socat:socat ss:iproute2 /etc/ssl/certs/ca-certificates.crt:ca-certificates kubectl:kubernetes-client
  zsh:zsh fish:fish
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
# Nor is any other server of these packages to run on this machine: not now, and not when it starts again.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
  "${sudo[@]}" chmod 755 "$policy"
  trap '"${sudo[@]}" rm -f "$policy"' EXIT
fi
[[ " ${missing[*]} " != *' postfix '* ]] ||
  echo 'postfix postfix/main_mailer_type select No configuration' | "${sudo[@]}" debconf-set-selections
"${sudo[@]}" apt-get update -q
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}"
command -v systemctl >/dev/null || exit 0
declare -A services=([postfix]=postfix [dovecot-imapd]=dovecot [haproxy]=haproxy [openssh-server]=ssh [nsd]=nsd [unbound]=unbound)
for package in "${missing[@]}"; do
  [ -z "${services[$package]-}" ] || "${sudo[@]}" systemctl disable --quiet "${services[$package]}"
done
